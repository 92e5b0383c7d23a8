"""Questions and passages of our own, the same in both languages, to learn how an embedder's cosines lie.

The first `len(PASSAGES)` questions are answered by the passage at the same place; to all other passages a question
is unrelated. The questions vary in form and subject because their mean stands for 'a question as such'.
"""

from __future__ import annotations

QUESTIONS: tuple[tuple[str, str], ...] = (
    ("新员工的试用期有多长？", "How long is the probation period of a new employee?"),
    ("灯塔是哪一年建成的？", "In which year was the lighthouse completed?"),
    ("蜜蜂怎样告诉同伴花在哪里？", "How do bees tell each other where flowers are?"),
    ("这台水泵的最大流量是多少？", "What is the maximum flow rate of this pump?"),
    ("为什么面团要放置一夜？", "Why should the dough rest overnight?"),
    ("谁负责批准超过一万元的采购？", "Who approves purchases above ten thousand yuan?"),
    ("怎样重置路由器的密码？", "How can the router's password be reset?"),
    ("公司去年第三季度的营业收入是多少？", "What was the company's revenue in the third quarter of last year?"),
    ("青铜器是怎样铸造的？", "How were bronze vessels cast?"),
    ("这种药饭前吃还是饭后吃？", "Should this medicine be taken before or after meals?"),
    ("列车从港口到省城需要多久？", "How long does the train take from the harbour to the capital?"),
    ("缓存与数据库之间如何保持一致？", "How are the cache and the database kept consistent?"),
    ("哪位诗人写过这座桥？", "Which poet wrote about this bridge?"),
    ("合同在什么情况下可以提前终止？", "Under which conditions can the contract be ended early?"),
    ("月亮为什么总是同一面朝向地球？", "Why does the moon always show the earth the same side?"),
    ("球队的主场在哪里？", "Where is the team's home ground?"),
    ("什么是复利？", "What is compound interest?"),
    ("红茶和绿茶有什么区别？", "What is the difference between black tea and green tea?"),
    ("这所大学有多少名学生？", "How many students does the university have?"),
    ("第一任市长是谁？", "Who was the first mayor?"),
    ("地震发生时应该做什么？", "What should one do during an earthquake?"),
    ("电影的导演出生于哪里？", "Where was the film's director born?"),
    ("保修期内哪些费用由客户承担？", "Which costs does the customer bear during the warranty?"),
    ("这条河流经哪几个省？", "Which provinces does the river run through?"),
    ("植物怎样利用阳光？", "How do plants use sunlight?"),
    ("报告认为销售下降的主要原因是什么？", "What does the report give as the main reason for falling sales?"),
    ("该协议是何时签署的？", "When was the treaty signed?"),
    ("如何备份照片？", "How do I back up my photos?"),
    ("出差的住宿标准是多少？", "What is the allowance for lodging on business trips?"),
    ("两种方法各有什么优缺点？", "What are the strengths and weaknesses of the two methods?"),
    ("这座城市的人口是多少？", "What is the population of the city?"),
    ("小提琴有几根弦？", "How many strings does a violin have?"),
    ("程序启动时报错该怎么办？", "What can I do when the program fails at start-up?"),
    ("战争持续了几年？", "How many years did the war last?"),
    ("这项研究用了什么数据？", "Which data did the study use?"),
    ("作者为什么离开家乡？", "Why did the author leave home?"),
    ("参观博物馆需要预约吗？", "Is a reservation needed to visit the museum?"),
    ("模型训练时的学习率设为多少？", "Which learning rate was the model trained with?"),
    ("谁发现了这种元素？", "Who discovered this element?"),
    ("请总结会议的主要决定。", "Please summarise the main decisions of the meeting."),
)

PASSAGES: tuple[tuple[str, str], ...] = (
    (
        "劳动合同期限为三年的，试用期为三个月。试用期内双方均可提前三天书面通知对方解除合同，工资不低于正式工资的八成。",
        (
            "For a contract of three years the probation period is three months. During it either side may end "
            "the contract with three days' written notice; pay is at least eighty per cent of the regular salary."
        ),
    ),
    (
        "北角灯塔用花岗岩砌成，高三十一米，工程历时四年，于一八七六年完工，此后夜间的触礁事故大为减少。",
        (
            "The lighthouse on the north cape is built of granite and thirty-one metres high. Work took four "
            "years and was completed in 1876; after that far fewer ships ran aground at night."
        ),
    ),
    (
        "侦察蜂回到蜂巢后会跳摆尾舞：舞蹈的方向表示花源与太阳的夹角，摆尾的时间表示距离的远近。",
        (
            "Back in the hive a scout bee dances: the direction of its waggle gives the angle between the flowers"
            " and the sun, and the length of the waggle tells how far away they are."
        ),
    ),
    (
        "本型号离心泵转速为每分钟二千九百转，额定扬程三十二米，最大流量每小时二十五立方米，介质温度不得超过八十度。",
        (
            "This centrifugal pump runs at 2,900 revolutions per minute. Its rated head is 32 metres and its "
            "greatest flow 25 cubic metres an hour; the liquid must not be hotter than 80 degrees."
        ),
    ),
    (
        "面团在冰箱里静置一夜，酵母缓慢发酵，面筋松弛，烤出的面包香味更浓，也更容易整形。",
        (
            "Left in the refrigerator overnight, the yeast works slowly and the gluten relaxes, so the dough is "
            "easier to shape and the bread tastes fuller."
        ),
    ),
    (
        "采购金额在一万元以下的由部门经理审批，超过一万元的须报财务总监批准，并附三家供应商的报价。",
        (
            "Department heads approve purchases up to ten thousand yuan. Anything above needs the approval of the"
            " finance director and quotations from three suppliers."
        ),
    ),
    (
        "忘记管理密码时，用细针按住路由器背面的复位孔十秒，指示灯闪烁后松开，设备恢复出厂设置，再重新设定密码。",
        (
            "If the administrator's password is lost, press the recessed button on the back of the router for ten"
            " seconds until the light blinks. It returns to factory settings and a new password can be chosen."
        ),
    ),
    (
        "第三季度公司实现营业收入四亿二千万元，同比增长百分之六，其中海外业务占三成，毛利率基本持平。",
        (
            "In the third quarter the company had revenue of 420 million yuan, six per cent more than a year "
            "before. Business abroad made up thirty per cent, and the gross margin hardly changed."
        ),
    ),
    (
        "工匠先用泥土做出模型，再分块翻成外范，合范之后把熔化的铜锡合金浇入空腔，冷却后打碎陶范，取出器物。",
        (
            "Craftsmen first shaped a clay model and took an outer mould from it in sections. Molten copper and "
            "tin were poured into the hollow, and the mould was broken once the metal had cooled."
        ),
    ),
    (
        "本品每日两次，每次一片，饭后半小时用温水送服。胃溃疡患者慎用，服药期间不宜饮酒。",
        (
            "Take one tablet twice a day with warm water, half an hour after a meal. Patients with stomach ulcers"
            " should be careful, and alcohol is to be avoided."
        ),
    ),
    (
        "从港口开往省城的快速列车每小时一班，全程一小时五十分，途中停靠两站；末班车晚上十点发车。",
        (
            "Express trains leave the harbour for the provincial capital every hour and take one hour and fifty "
            "minutes with two stops; the last one departs at ten in the evening."
        ),
    ),
    (
        "写入时先更新数据库，再删除缓存中的旧值；读取未命中时从数据库加载。删除失败的键进入队列重试，避免长期不一致。",
        (
            "A write updates the database first and then deletes the old value from the cache; a miss loads it "
            "again. Keys whose deletion failed are queued and retried, so the two cannot differ for long."
        ),
    ),
)
