"""Small tasks with a known answer, by which a judge of sentences is measured before it is believed.

Both kinds come in pairs over one source, so that a judge gains nothing from what the source is about: a sentence that
follows from it in other words or another language, and one that nearly does.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Probe:
    """Two sentences beside one source, of which only the first is to be accepted."""

    source: str
    right: str
    wrong: str


ENTAILMENT: tuple[Probe, ...] = (
    # Chinese on Chinese: number, condition, denial, role, name, quantifier, time, unit.
    Probe(
        "图书馆周一闭馆整理书架，其余六天从早上九点开放到晚上八点。",
        "除了周一，读者每天都可以去这座图书馆。",
        "这座图书馆每周有两天不对读者开放。",
    ),
    Probe(
        "试用期员工请病假须提供医院证明，转正后三天以内的病假只需主管同意。",
        "过了试用期的人请两天病假，得到上级批准就行。",
        "试用期员工请两天病假，得到上级批准就行。",
    ),
    Probe("这款手表可以在游泳时佩戴，但不适合潜水。", "戴着这只表下水游泳没有问题。", "这只表的防水性能足以用来潜水。"),
    Probe(
        "二〇一九年，林晓把画廊转让给了自己的学生周航。", "周航从老师手里接过了画廊。", "周航把画廊转给了自己的老师。"
    ),
    Probe(
        "新桥由同济设计院设计，中铁二局承建，历时三年完工。",
        "负责这座新桥施工的是中铁二局。",
        "负责这座新桥施工的是同济设计院。",
    ),
    Probe(
        "参加体检的职工里，大多数人血压正常，少数人偏高。",
        "体检发现有一些职工的血压高于正常值。",
        "体检显示全体职工的血压都在正常范围。",
    ),
    Probe(
        "原定五月举行的展览因场地维修推迟到了秋天。",
        "由于展馆要修缮，展览改到秋季举办。",
        "展览按照原来的计划在五月开幕了。",
    ),
    Probe(
        "小明的爷爷年轻时在茶园做工，后来在镇上开了一家茶馆。",
        "镇上那家茶馆的主人曾经是茶园的工人。",
        "小明的爷爷先开茶馆，后来才去茶园工作。",
    ),
    Probe("水温超过六十度时，酵母会失去活性，面团就发不起来。", "水太烫会让面团无法发酵。", "水越烫，面团发酵得越好。"),
    # English on English.
    Probe(
        "Visitors may take photographs in the garden, but cameras are forbidden inside the chapel.",
        "Taking pictures is allowed outdoors in the garden.",
        "Taking pictures is allowed inside the chapel.",
    ),
    Probe(
        "The bakery was founded by Anna Lund and has been run by her two nephews since she retired.",
        "Today Anna Lund's nephews manage the bakery.",
        "Anna Lund still manages the bakery herself.",
    ),
    Probe(
        "Most of the trees planted last spring survived the drought.",
        "More than half of the trees from last spring are still alive.",
        "Every tree planted last spring lived through the drought.",
    ),
    Probe(
        "If the parcel is not picked up within ten days, it is sent back to the sender.",
        "A parcel nobody collects is returned to the person who mailed it.",
        "A parcel nobody collects is destroyed after ten days.",
    ),
    Probe(
        "The museum bought the vase from a private collector, who had inherited it from his aunt.",
        "Before the museum had it, the vase belonged to a collector.",
        "The museum inherited the vase from a collector's aunt.",
    ),
    Probe(
        "The new pump uses less electricity than the old one but makes more noise.",
        "The old pump was quieter than the new one.",
        "The new pump is quieter than the old one.",
    ),
    Probe(
        "Members pay no entrance fee; guests are charged eight euros on weekdays and twelve at weekends.",
        "On a Saturday a guest has to pay twelve euros.",
        "On a Tuesday a guest has to pay twelve euros.",
    ),
    Probe(
        "The report does not recommend closing the school; it suggests merging two classes.",
        "According to the report the school should stay open.",
        "According to the report the school should be closed.",
    ),
    Probe(
        "Rivera trained as a nurse before she began to write novels.",
        "Rivera worked towards a career in nursing before becoming an author.",
        "Rivera became a nurse after giving up writing novels.",
    ),
    # English on Chinese.
    Probe(
        "租客搬走时，押金在扣除维修费用之后七天内退还。",
        "The deposit is paid back within a week after the tenant moves out, less any repair costs.",
        "The deposit is paid back in full on the day the tenant moves out.",
    ),
    Probe(
        "这条航线只在夏季运营，冬天旅客需要在成都转机。",
        "In winter there are no direct flights on this route.",
        "The direct flight on this route runs all year round.",
    ),
    Probe(
        "陈教授反对这项提案，他的两位同事则表示支持。",
        "Two of Professor Chen's colleagues were in favour of the proposal.",
        "Professor Chen was in favour of the proposal.",
    ),
    Probe(
        "老厂房没有拆除，而是改建成了一座美术馆。",
        "An art museum was made out of the former factory building.",
        "The former factory building was torn down to make room for an art museum.",
    ),
    Probe(
        "早期的蒸汽机效率很低，直到加上了独立的冷凝器才得到改善。",
        "A separate condenser made steam engines more efficient.",
        "The early steam engines were already very efficient without a condenser.",
    ),
    # Chinese on English.
    Probe(
        "The ferry carries passengers and bicycles, but no cars.",
        "可以带着自行车乘坐这艘渡轮。",
        "可以开着汽车登上这艘渡轮。",
    ),
    Probe(
        "Henrik sold the farm to his neighbour after the flood.",
        "洪水过后，邻居买下了亨里克的农场。",
        "洪水过后，亨里克买下了邻居的农场。",
    ),
    Probe(
        "The medicine should be taken before meals, never together with milk.",
        "这种药要在饭前服用。",
        "这种药最好和牛奶一起服用。",
    ),
    Probe(
        "Only half of the houses in the valley are connected to the gas network.",
        "山谷里有一半的房屋没有接通燃气。",
        "山谷里所有的房屋都已接通燃气。",
    ),
    Probe(
        "The theatre was closed for two years and opened again under a new director.",
        "剧院停业两年后重新开放，并换了负责人。",
        "剧院停业两年后仍由原来的负责人重新开放。",
    ),
    Probe(
        "合同到期前三十天，任何一方都可以书面通知对方不再续签。",
        "Either party may decline a renewal by writing to the other in good time.",
        "Only the landlord may decline to renew the contract.",
    ),
    Probe(
        "工厂的夜班并没有取消，只是改成了每两周轮换一次。",
        "Night shifts still exist at the factory.",
        "The factory has done away with night shifts.",
    ),
    Probe(
        "李雪先获得了银奖，第二年才拿到金奖。",
        "Li Xue won the gold award one year after the silver one.",
        "Li Xue won the gold award before the silver one.",
    ),
    Probe(
        "这种漆在潮湿的墙面上附着不牢，施工前必须让墙体干透。",
        "The wall has to be completely dry before this paint is applied.",
        "This paint sticks particularly well to damp walls.",
    ),
    Probe(
        "大部分居民支持修建地铁站，只有少数商户担心施工影响生意。",
        "Some shopkeepers were worried about what the construction would do to their trade.",
        "Most residents were against building the underground station.",
    ),
    Probe(
        "The choir sings without a conductor; the first violin gives the beat.",
        "合唱团没有指挥，由第一小提琴手打拍子。",
        "合唱团由一位指挥带领，第一小提琴手负责独唱。",
    ),
    Probe(
        "Passengers who miss the last train are taken home by bus free of charge.",
        "错过末班火车的乘客可以免费乘大巴回家。",
        "错过末班火车的乘客需要自己付钱乘大巴回家。",
    ),
    Probe(
        "The lake freezes in most winters, but the river beside it never does.",
        "那条河在冬天也不会结冰。",
        "那条河在多数冬天都会结冰。",
    ),
    Probe(
        "Marta taught her younger brother to paint, and he later became better known than she was.",
        "玛尔塔的弟弟后来比她更有名气。",
        "玛尔塔的绘画是跟弟弟学的。",
    ),
    Probe(
        "The old recipe asked for honey; since sugar became cheap, the bakers have used that instead.",
        "后来面包师用糖代替了蜂蜜。",
        "后来面包师用蜂蜜代替了糖。",
    ),
)
"""38 sources: 9 Chinese, 9 English, 20 across the two. Wrong sentences change a condition, a number, a role, a name, an
order in time or a quantifier, or turn a denial round."""
