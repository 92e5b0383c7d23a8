"""Words that say the same, and words that say the opposite: what tells a paraphrase from an altered fact.

Small on purpose: a missing pair costs a sentence its tick, a wrong one lends it a false one.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from ingest.folding import fold
from ingest.stemming import stem

_GAP = re.compile(r"(?<=[\u3400-\u9fff])[ \t]+(?=[\u3400-\u9fff])")

_SAME = """
begin start commence launch | end finish conclude terminate expire
buy purchase acquire | help assist aid support
need require | employee staff worker personnel
company firm corporation business enterprise | use utilize employ apply
get receive obtain gain earn got given | show display indicate
big large huge | small little tiny | quick rapid fast swift
increase rise grow raise climb | decrease fall decline drop reduce shrink
build construct erect | found establish create set
allow permit authorize | prohibit forbid ban | year annual yearly
monthly month | locate situate lie | die death pass decease
born birth | win victory | lose loss
director head chief | film movie | car vehicle automobile | doctor physician
child kid | author writer write
say state tell told said | give provide offer supply grant
important key main major primary | approximately about roughly
cost price fee charge | pay payment | send submit
day daily | entitle eligible qualify | holiday leave vacation
country nation | name call title nickname | make produce manufacture
contain include comprise consist | choose select pick
refund reimburse | guarantee warranty | keep retain hold
boss manager supervisor | approve approval | last duration continue
person people | customer client | repair fix mend
euro eur | yuan cny rmb | dollar usd
max maximum most upper | min minimum least lower | city town
teach teacher | lead led leader | become became
位于 坐落 地处 | 建立 成立 创立 创办 设立 创建 建成 | 购买 采购 购入 购置
员工 职工 雇员 职员 | 规定 要求 | 获得 取得 得到 荣获 获取 赢得
出生 生于 诞生 | 去世 逝世 死亡 病逝 过世 辞世 | 担任 出任 就任 任职
增长 增加 上升 提高 上涨 提升 | 下降 减少 降低 下跌 下滑 | 开始 启动 起始 开启
结束 终止 截止 完成 | 需要 必须 应当 须要 需经 | 允许 准许 许可
禁止 严禁 不得 不准 | 提供 给予 供应 | 发布 公布 发表 推出 | 使用 采用 利用 运用 应用
公司 企业 | 电影 影片 | 作者 著者 撰写 作家 | 首都 京城 | 居住 住在
毕业 毕业于 | 举行 举办 召开 | 包括 包含 涵盖 | 费用 花费 成本 | 价格 售价 单价
申请 提交 递交 | 批准 审批 核准 | 负责 主管 | 大约 约为 左右 | 每年 年度 | 名称 名字
制造 生产 | 主要 重要 | 组成 构成 | 发现 找到 | 修建 建造 兴建
最多 至多 不超 上限 | 最少 至少 不低 下限 | 假期 休假 年假 | 报销 报账 | 保修 质保
顾客 客户 | 赔偿 补偿 | 时间 时长 | 面积 占地 | 支付 缴纳 付款 | 澳大利亚 澳洲
"""
_OPPOSED = """
increase : decrease | allow : prohibit | begin : end | maximum : minimum
most : least | more : less | more : fewer | before : after
above : below | over : under | include : exclude | profit : loss
import : export | accept : reject | win : lose | open : close
north : south | east : west | first : last
support : oppose | enable : disable | full-time : part-time | internal : external
higher : lower | highest : lowest | largest : smallest
always : never | mandatory : optional | male : female | hot : cold
true : false | success : failure | succeed : fail
positive : negative | public : private | gain : loss | earlier : later
增长 : 下降 | 允许 : 禁止 | 可以 : 禁止 | 可以 : 不得 | 开始 : 结束
最多 : 最少 | 最高 : 最低 | 最大 : 最小 | 以上 : 以下 | 之前 : 之后 | 以前 : 以后
盈利 : 亏损 | 进口 : 出口 | 接受 : 拒绝 | 胜利 : 失败 | 成功 : 失败
支持 : 反对 | 打开 : 关闭 | 高于 : 低于 | 多于 : 少于 | 早于 : 晚于 | 公开 : 保密
北部 : 南部 | 东部 : 西部 | 必须 : 可选 | 男性 : 女性 | 正面 : 负面
before : during | during : after | within : beyond | if : unless | when : unless | inside : outside | domestic : foreign
until : after | until : from | weekday : weekend | morning : evening
国内 : 国外 | 以内 : 以外 | 工作日 : 周末 | 如果 : 除非 | 上午 : 下午 | 上半年 : 下半年 | 之前 : 期间 | 之后 : 期间
内部 : 外部 | 收入 : 支出 | 买入 : 卖出 | 超过 : 不足 | 有效 : 无效 | 通过 : 否决
"""
_LIGHT = frozenset(
    str.split(
        """
also get locat compani organiz total actual specific overall correspond general respectiv typical current particular
certain several follow various both well known main further year call use provid different
number kind part one two first second 公司 位于 获得 具体 分别 总共 一共 共有 共计 同时 另外 例如 比如 即为 就是 还有 均为 都是 不同 其他 以下 如下 上述 综上 总之
目的 方式 方面 情况 部分 规则 指的 指是 名叫 叫做 叫作 被称 时期 期间 一直 曾经 已经 正在 现为 现任 来自 存在 发生 出现 主要 重要 著名 知名 拥有 具备 设有 设置 有关 涉及 整个 全部 共同
会在 会有 将会 将在 在此 并在 并于 的是 也是 不仅 因而 从而 由于 当中 中的 到的
"""
    )
)


@cache
def _classes() -> dict[str, str]:
    table: dict[str, str] = {}
    for group in re.split(r"[|\n]", _SAME):
        words = [stem(fold(word)) for word in group.split()]
        for word in words:
            table.setdefault(word, words[0])
    return table


@cache
def _opposites() -> dict[str, frozenset[str]]:
    table: dict[str, set[str]] = {}
    for pair in re.split(r"[|\n]", _OPPOSED):
        if pair.strip():
            one, other = (canonical(stem(fold(side.strip()))) for side in pair.split(":"))
            table.setdefault(one, set()).add(other)
            table.setdefault(other, set()).add(one)
    return {word: frozenset(others) for word, others in table.items()}


@cache
def _chinese() -> re.Pattern[str]:
    words = sorted((word for word in _classes() if not word.isascii()), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, words)))


@cache
def known_words() -> re.Pattern[str]:
    """Pattern of the Chinese words that have synonyms or an opposite, in folded text."""
    words = {word for word in (*_classes(), *_opposites()) if not word.isascii()}
    return re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True))))


@lru_cache(maxsize=8192)
def plain(text: str) -> str:
    """`text` folded, without blanks among Chinese characters (a link or a justified line leaves them), each Chinese word
    that has synonyms replaced by the one that stands for them all."""
    return _chinese().sub(lambda match: canonical(match.group()), _GAP.sub("", fold(text)))


def canonical(term: str) -> str:
    """One word for all that say the same; `term` itself when it has no company."""
    return _classes().get(term, term)


def is_light(term: str) -> bool:
    """True for words a paraphrase may add or drop without changing what is said. `term` is canonical or not."""
    return term in _LIGHT or canonical(term) in _LIGHT


def opposed(one: str, other: str) -> bool:
    """Whether two canonical words are opposites."""
    return other in _opposites().get(one, frozenset())


def has_opposite(word: str) -> bool:
    """Whether a canonical word has an opposite."""
    return word in _opposites()


def contradicts(said: str, source: str) -> bool:
    """True when something `said` has only its opposite in `source`."""
    ours, theirs = _polar(said), _polar(source)
    return any(
        word not in theirs and others & theirs and not others & ours
        for word, others in ((word, _opposites()[word]) for word in ours)
    )


@lru_cache(maxsize=8192)
def _polar(text: str) -> frozenset[str]:
    """The canonical words of `text` that have an opposite, function words such as 'before' among them."""
    folded = fold(text)
    words = {canonical(stem(word)) for word in re.findall(r"[a-z][a-z-]*", folded)}
    words |= {canonical(folded[at : at + 2]) for at in range(len(folded) - 1)}
    return frozenset(filter(has_opposite, words))
