"""Answers measured: what is right, refused, repeated, in which language; kept, gone on with, compared."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from langchain_core.language_models import FakeListChatModel

from agents.chat.answers import Answer
from agents.cli import main
from agents.evaluation import (
    Question,
    Record,
    Reply,
    circumstances,
    contains_gold,
    figures,
    judged,
    mcnemar,
    paired,
    question_of,
    read_cases,
    reply_of,
)
from agents.evaluation.gold import admits, gold_recall, language_read, refuses, repeated
from agents.evaluation.record import PRIVATE
from agents.llm.usage import Usage
from ingest.errors import ModelError, UsageError
from ingest.language import Text
from ingest.settings import Settings


@pytest.mark.parametrize(
    ("text", "gold", "held"),
    [
        ("An exploration of adapters.", "LoRA", False),
        ("QLoRA halves it.", "LoRA", False),
        ("Use LoRA。", "lora", True),
        ("两个 LoRAs 适配器", "LoRA", True),
        ("使用LoRA微调", "LoRA", True),
        ("GPT-4 is larger.", "GPT", True),
        ("He is formally right.", "formal", False),
        ("员工有 15 天年假。", "15天", True),
        ("员工有１５天年假。", "15 天", True),
        ("It took 150 days.", "15", False),
        ("It costs 1,500 yuan.", "500", False),
        ("It costs 1,500 yuan.", "1500", True),
        ("In 2016. 5 people came.", "2016", True),
        ("It is 5.4 GB.", "5", False),
        ("It weighs 168 kg.", "16.8", False),
        ("It weighs 16.8 kg.", "168", False),
        ("It costs 256.20 yuan.", "256.2", True),
        ("It costs 6768 yuan.", "6768.00", True),
        ("Nothing", "", False),
    ],
)
def test_a_gold_string_is_found_as_a_word(text: str, gold: str, held: bool) -> None:
    assert contains_gold(text, [gold]) == held


def test_recall_leaves_out_what_the_question_said() -> None:
    question = "文革期间，马飚从事什么工作？"
    gold = ["文革期间马飚在柳州当工人"]
    assert gold_recall("他在柳州当工人。", gold, question) == 1
    assert 0 < gold_recall("他当工人。", gold, question) < 1
    assert gold_recall("", gold, question) == 0
    assert gold_recall("马飚", ["马飚"], question) == 1


@pytest.mark.parametrize(
    "text",
    [
        "I don't know.",
        "I'm sorry, but the provided text does not mention the parking fee.",
        "The parking fee is not mentioned in the passages.",
        "There is no information about the parking fee in the context.",
        "Based on the context, it cannot be determined how much parking costs.",
        "The context doesn't specify the fee. It does list hotel rates.",
        "我不知道。",
        "根据提供的资料，没有提到停车费是多少。",
        "文档中未说明停车费的具体金额。",
        "抱歉，我无法回答这个问题。",
        "资料中没有答案。",
        "上下文中没有关于停车费的信息。",
        "文件里没写停车费。",
        "停车费查不到。",
        "There is nothing about parking.",
        "No document states the parking fee.",
        "None of the passages gives a fee.",
    ],
)
def test_a_refusal_is_known_by_its_words(text: str) -> None:
    assert refuses(text, "What is the parking fee? 停车费是多少？")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Parking costs 12 yuan an hour.",
        "Employees who do not provide a receipt pay the fee themselves.",
        "No fee is charged on Sundays.",
        "停车费为每小时 12 元。",
        "周日不收停车费。",
        "没有收据的员工自行承担费用。",
        "未提供发票的，不予报销。",
        "没写姓名的包裹不收停车费。",
        "No visitor pays for parking.",
        "There is nothing to pay on Sundays.",
        "Drivers without documents pay 12 yuan.",
    ],
)
def test_an_answer_is_no_refusal(text: str) -> None:
    assert not refuses(text, "What is the parking fee? 停车费是多少？")


def test_a_sentence_said_twice_is_counted() -> None:
    assert repeated("It is 15 days [1]. It is 15 days [2]. It is 15 days!") == 2
    assert repeated("员工有15天年假[1]。病假为10天[2]。员工有15天年假[2]。") == 1
    assert repeated("Yes. Yes. It is so.") == 0


@pytest.mark.parametrize(
    ("text", "language"),
    [("有 15 天 [1]。", "zh"), ("15 days [1].", "en"), ("15", ""), ("有個問題", "zh"), ("[1]", "")],
)
def test_the_language_of_an_answer_is_read(text: str, language: str) -> None:
    assert language_read(text) == language


LEAVE = Question("How many days of leave?", ("15 days",), id="leave")
PARKING = Question("What is the parking fee?", answerable=False, id="parking")


def test_a_case_says_what_an_answer_was_worth() -> None:
    good = judged(LEAVE, Reply("You get 15 days.", prompt_tokens=7), name="own", chain="x")
    assert (good.right, good.refused, good.good, good.in_question_language, good.empty) == (
        True,
        False,
        True,
        True,
        False,
    )
    hidden = judged(LEAVE, Reply("You get 15 days.", refused=True), name="own", chain="x")
    assert (hidden.right, hidden.refused, hidden.refused_in_words) == (False, True, False)
    foreign = judged(LEAVE, Reply("有十五天年假。"), name="own", chain="x")
    assert (foreign.right, foreign.in_question_language) == (False, False)
    assert judged(LEAVE, Reply("15 days"), name="own", chain="x").in_question_language is None
    silent = judged(PARKING, Reply("The documents do not mention it."), name="own", chain="x")
    assert (silent.right, silent.refused, silent.good) == (None, True, True)
    assert not judged(PARKING, Reply("The parking fee is 5 yuan."), name="own", chain="x").good
    assert judged(LEAVE, Reply(""), name="own", chain="x").empty


def test_an_outcome_tells_the_honest_from_the_wrong() -> None:
    def outcome(question: Question, reply: Reply) -> str:
        return judged(question, reply, name="own", chain="x").outcome

    assert outcome(LEAVE, Reply("You get 15 days.")) == "right"
    assert outcome(LEAVE, Reply("You get 9 days.")) == "wrong"
    assert outcome(LEAVE, Reply("You get 9 days.", refused=True)) == "says so"
    assert outcome(LEAVE, Reply("", error="no server")) == "says so"
    assert outcome(LEAVE, Reply("You get 15 days.", lacking=("a booking",))) == "wrong"
    assert outcome(LEAVE, Reply("", refused=True, harm=("a booking",))) == "wrong"
    assert outcome(PARKING, Reply("I don't know.")) == "right"
    assert outcome(PARKING, Reply("I don't know.", harm=("a booking",))) == "wrong"


def test_a_part_that_is_missing_may_be_admitted_anywhere() -> None:
    text = "The tank holds 80 litres. The documents do not say how much it needs."
    assert admits(text)
    assert not refuses(text, "How much is in the tank, and how much does it need?")
    assert not admits("The tank holds 80 litres.")


def test_a_question_says_what_is_right() -> None:
    record = {"question": "?", "answers": ["a"], "direction": "zh->en", "answer_groups": [["one"], ["two", "2"]]}
    question = question_of(record)
    assert question.crosses
    assert question.id == "?"
    assert question.right("one and 2")
    assert not question.right("one")
    assert question_of({"question": "?", "key_points": ["x", "y"]}).right("x, y")
    assert question_of({"question": "?"}).right("anything") is None
    assert not question_of({"question": "?", "direction": "zh->zh"}).crosses


def test_figures_are_shares_and_medians() -> None:
    replies = [
        Reply("15 days.", citations=2, verified=1, prompt_tokens=100, first_token=1.0, total=2.0),
        Reply("A week. A week. A week.", unsupported=1, prompt_tokens=300, first_token=3.0, total=6.0),
        Reply("", refused=True, first_token=0.0, total=0.1),
    ]
    cases = [judged(LEAVE, reply, name="own", chain="x") for reply in replies]
    cases.append(judged(PARKING, Reply("I don't know.", prompt_tokens=200), name="own", chain="x"))
    found = figures(cases)
    assert found["questions"] == 4
    assert found["answer_contains_gold"] == 0.3333
    assert found["wrongly_refused"] == 0.3333
    assert found["rightly_refused"] == 1
    assert found["citations_verified"] == 0.5
    assert (found["repeating"], found["empty"], found["unsupported_sentences"]) == (1, 1, 1)
    assert found["prompt_tokens"] == 200  # of those that a model was asked for
    assert "across_languages" not in found
    assert figures([])["questions"] == 0


@pytest.mark.parametrize(
    ("first", "second", "p"),
    [(0, 0, 1.0), (5, 5, 1.0), (0, 5, 0.0625), (6, 0, 0.03125), (2, 10, 0.0385742), (1, 2000, 0.0)],
)
def test_the_exact_test_of_pairs(first: int, second: int, p: float) -> None:
    assert mcnemar(first, second) == pytest.approx(p, abs=1e-6)


def test_pairs_are_by_question() -> None:
    here = [
        judged(LEAVE, Reply("15 days."), name="own", chain="a"),
        judged(PARKING, Reply("5 yuan."), name="own", chain="a"),
    ]
    there = [
        judged(LEAVE, Reply("9 days."), name="own", chain="b"),
        judged(PARKING, Reply("I don't know."), name="own", chain="b"),
        judged(LEAVE, Reply("15 days."), name="other", chain="b"),
    ]
    pairs = paired(here, there)
    assert (pairs.both, pairs.neither, pairs.first, pairs.second, pairs.total, pairs.p) == (0, 0, 1, 1, 2, 1.0)


class TestRecord:
    RUN = {"model": "m", "settings": {"k": 3}}

    def test_a_case_judged_elsewhere_is_kept_with_what_was_counted(self, tmp_path: Path) -> None:
        record = Record(self.RUN, tmp_path / "cases.jsonl")
        asked = (Usage(10, 4, 2), Usage(20, 9, 3))
        record.add(judged(LEAVE, Reply("15 days.", asked=asked, harm=("x",)), name="own", chain="x"))
        [case] = read_cases(tmp_path / "cases.jsonl")
        assert (case.reply.asked, case.reply.harm, case.run) == (asked, ("x",), self.RUN)
        assert record.knows("own", "x", LEAVE)

    def test_goes_on_where_it_was_cut_off(self, tmp_path: Path) -> None:
        file = tmp_path / "sub" / "run.jsonl"
        Record(self.RUN, file).case("own", "x", LEAVE, lambda _: Reply("15 days."))
        with file.open("a", encoding="utf-8") as torn:
            torn.write('{"set": "own", "cha')
        asked: list[str] = []

        def ask(question: Question) -> Reply:
            asked.append(question.id)
            return Reply("I don't know.")

        record = Record(self.RUN, file)
        for question in (LEAVE, PARKING):
            record.case("own", "x", question, ask)
        assert asked == ["parking"]
        assert [case.id for case in read_cases(file)] == ["leave", "parking"]
        assert read_cases(file) == record.cases

    def test_asks_again_what_failed(self, tmp_path: Path) -> None:
        file = tmp_path / "run.jsonl"

        def fails(_: Question) -> Reply:
            raise ModelError(Text(en="It fell over.", zh="出错了。"))

        case = Record(self.RUN, file).case("own", "x", LEAVE, fails)
        assert (case.reply.error, case.right) == ("It fell over.", False)
        Record(self.RUN, file).case("own", "x", LEAVE, lambda _: Reply("15 days."))
        assert [case.right for case in read_cases(file)] == [True]

    def test_does_not_mix_two_runs(self, tmp_path: Path) -> None:
        file = tmp_path / "run.jsonl"
        Record(self.RUN, file).case("own", "x", LEAVE, lambda _: Reply("15 days."))
        with pytest.raises(UsageError, match="settings"):
            Record({**self.RUN, "settings": {}}, file)

    def test_refuses_another_file(self, tmp_path: Path) -> None:
        file = tmp_path / "notes.txt"
        file.write_text("hello\n", "utf-8")
        with pytest.raises(UsageError, match="no record"):
            read_cases(file)


def test_circumstances_tell_no_secrets() -> None:
    settings = Settings(model_api_key="s3cret", ocr_api_key="s3cret", k=5, embedder="http://me:s3cret@host/v1#e")
    told = circumstances("m", FakeListChatModel(responses=["x"]), settings)
    assert "s3cret" not in json.dumps(told)
    assert told["settings"]["k"] == 5
    assert told["model"] == "m"
    assert {name for name in Settings.__dataclass_fields__ if name.endswith("_key")} <= PRIVATE


def test_our_answer_brings_its_trace(tmp_path: Path) -> None:
    trace = tmp_path / "t.jsonl"
    step = {
        "step": "answer",
        "written": "15 days [1] [1]",
        "verdicts": [{"sentence": "15 days", "verdict": "supported"}],
    }
    trace.write_text(json.dumps({"step": "question"}) + "\n" + json.dumps(step) + "\n", "utf-8")
    answer = Answer(
        "q", "q", "15 days [1].", abstained=False, usage=Usage(9, 0, 3), timings={"total": 2.0}, trace=str(trace)
    )
    reply = reply_of(answer)
    assert (reply.text, reply.written) == ("15 days.", "15 days [1] [1]")
    assert reply.sentences[0]["verdict"] == "supported"
    assert (reply.prompt_tokens, reply.total, reply.refused) == (9, 2.0, False)
    trace.unlink()
    assert reply_of(answer).written == ""


class TestCommand:
    @pytest.fixture
    def home(self, tmp_path: Path) -> list[str]:
        from ingest.cli import main as ingest

        (tmp_path / "leave.md").write_text("# Leave\n\nEmployees get 15 days of annual leave a year.", "utf-8")
        config = tmp_path / "settings.toml"
        config.write_text('embedder = "hashing"\n', "utf-8")
        home = ["--home", str(tmp_path / "home"), "--config", str(config)]
        assert ingest(["add", str(tmp_path / "leave.md"), "-q", *home]) == 0
        records = [
            {"id": "a", "question": "How many days of annual leave do employees get?", "answers": ["15 days"]},
            {"id": "b", "question": "年假有多少天？", "answers": ["15"], "direction": "zh->en"},
            {"id": "c", "question": "Who founded the moon base?", "answerable": False},
        ]
        (tmp_path / "mine.jsonl").write_text("\n".join(map(json.dumps, records)), "utf-8")
        return home

    def test_keeps_goes_on_and_compares(
        self, home: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        mine, out = str(tmp_path / "mine.jsonl"), tmp_path / "out.jsonl"
        capsys.readouterr()
        assert main(["eval", "answers", mine, "--out", str(out), "--limit", "1", *home]) == 0
        assert len(out.read_text("utf-8").splitlines()) == 1
        assert "right answers" in capsys.readouterr().out
        assert main(["eval", "answers", mine, "--out", str(out), "--json", *home]) == 0
        assert [case.id for case in read_cases(out)] == ["a", "b", "c"]
        found = json.loads(capsys.readouterr().out)["figures"]
        assert set(found) == {"", "zh->en"}
        assert found[""]["answer_contains_gold"] == 1
        assert main(["eval", "answers", mine, "--compare", str(out), "--json", *home]) == 0
        compared = json.loads(capsys.readouterr().out)["compared"]
        assert (compared["pairs"], compared["this_run_only"], compared["other_run_only"]) == (3, 0, 0)
        assert compared["p"] == 1
        assert main(["eval", "answers", mine, "--compare", str(out), "--lang", "zh", *home]) == 0
        said = capsys.readouterr().out
        assert "逐题比较 3 对" in said
        assert "无答案时拒答" in said

    def test_another_model_needs_another_file(
        self, home: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        mine, out = str(tmp_path / "mine.jsonl"), str(tmp_path / "out.jsonl")
        assert main(["eval", "answers", mine, "--out", out, "--limit", "1", *home]) == 0
        assert main(["eval", "answers", mine, "--out", out, "--kb", "default", "--limit", "1", *home]) == 0
        capsys.readouterr()
        (tmp_path / "settings.toml").write_text('embedder = "hashing"\nk = 3\n', "utf-8")
        assert main(["eval", "answers", mine, "--out", out, *home]) == 2
        assert "another file" in capsys.readouterr().err
