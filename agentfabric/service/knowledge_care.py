"""What is wrong with what an agent knows, and what would mend it: in our own sentences, with names and counts alone."""

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from agentfabric.service.knowledge import Knowledge, Known
from agentfabric.service.knowledge_checks import Report
from agentfabric.store.notes import NoteStore
from agentfabric.store.reading_queue import GIVEN_UP
from agentfabric.store.readings import AT_WORK, CANCELLED, KnownFile
from builder_core.knowing import Fix, Kind, Problem, State
from user_agent.config import AgentConfig, Retrieval
from user_agent.errors import ModelError
from user_agent.words import Words

MAX_NAME_CHARS = 60
MAX_REASON_CHARS = 300
FEWEST_ASKED = 3
SCANT_CHARS = 3_000
"""A model that reads less of what is found reads hardly three passages."""
GENEROUS_CHARS = 12_000
LEAST_FOUND = 0.7
"""A file of whose questions fewer find their passage is worth a word."""
_FOR_DOCUMENTS = re.compile(
    r"\b(?:my|our|the|these|those|your|attached|uploaded|company|product)\b[\w\s,'’-]{0,30}"
    r"\b(?:documents?|files?|pdfs?|handbooks?|manuals?|knowledge base|faqs?|policies)\b"
    r"|文档|资料|文件|手册|知识库|说明书|规章|制度",
    re.IGNORECASE,
)

_UNREAD = Words("没有读成“{name}”。{why}", "“{name}” could not be read. {why}")
_MISSING = Words(
    "“{name}”的内容没有随配置一起带来。请在“知识”页重新上传。",
    "The content of “{name}” did not come along. Upload it again in the Knowledge tab.",
)
_COPY = Words("“{other}”说的，“{one}”里都有。", "“{other}” says nothing that “{one}” does not say.")
_UNFOUND = Words(
    "从“{name}”出的 {asked} 个问题，有 {missed} 个查不到出题的那一段；给这些段落加上标题，或写明它讲什么，会有帮助。",
    "Of {asked} questions made from “{name}”, {missed} do not find their passage. A heading above it, or a sentence "
    "that says what it is about, helps.",
)
_CLASH = Words(
    "模型认为“{one}”和“{other}”互相矛盾（{count} 处）；在“知识”页的“能不能查到”里看是哪些话。",
    "The model says that “{one}” and “{other}” contradict each other ({count}). The words are in the Knowledge tab, "
    "under How well it can be found.",
)
_CLASH_WITHIN = Words(
    "模型认为“{one}”里有互相矛盾的说法（{count} 处）；在“知识”页的“能不能查到”里看是哪些话。",
    "The model says that “{one}” contradicts itself ({count}). The words are in the Knowledge tab, under How well it "
    "can be found.",
)
_SCOPE = Words(
    "它只在带标签 {tags} 的文件里查找，而没有一个文件带这样的标签，所以什么也查不到。",
    "It searches only files with the tag {tags}, and no file has one, so nothing is ever found.",
)
_EMPTY = Words(
    "它的说明里提到要看文件，但还没有任何文件。请在“知识”页添加。",
    "Its instruction speaks of files, and it has none yet. Add them in the Knowledge tab.",
)
_READ_AGAIN = Words("再读一次“{name}”", "read “{name}” again")
_TAKE_OUT = Words("把“{name}”从它知道的文件里移走", "take “{name}” out of what it knows")
_SCANT = Words(
    "从文件里查到的内容，模型一次最多只读 {now} 个字符，不到三段，答案可能正好在没读到的部分。",
    "Of what is found in its files, the model reads {now} characters at the most, not even three passages; the answer "
    "may stand in what it does not read.",
)
_MORE = Words("让模型最多读 {wanted} 个字符", "let the model read up to {wanted} characters of what is found")
_OTHER_MODEL = Words("改用 {model} 按意思查找", "search by meaning with {model} instead")
_WORDS_ALONE = Words("在那之前只按词语查找", "search by words alone until then")
_AS_FOUND = Words("不再用它重排", "go on without that reranker")
_ALL_FILES = Words("在全部文件里查找", "search all files")
_MEANING = Words("也按意思查找（用 {model}）", "search by meaning as well, with {model}")


@dataclass(frozen=True, slots=True)
class AgentCare:
    """Implements `builder_core.knowing.Care` for one agent of one user."""

    knowledge: Knowledge
    user: str
    agent_id: str

    @property
    def notes(self) -> NoteStore:
        return self.knowledge.checks.judgements.notes

    async def look(self) -> State:
        user, agent_id = self.user, self.agent_id
        config = (await self.knowledge.agents.get(user, agent_id)).config
        if not config.knowledge:  # as with most agents: nothing more is asked of the store
            return State(problems=tuple(_of_none(config)))
        files = await self.knowledge.all(user, agent_id)
        checked = await self.knowledge.checks.last(user, agent_id)
        report = checked.report if checked and not checked.stale else Report()
        known = await self.knowledge.statistics(user, agent_id)
        ready = [each.key for each in await self.knowledge.models.embeddings(user) if each.ready]
        meaning = ready[0] if ready and config.retrieval.embedding == "" else ""
        problems = (
            *_of_scope(config, files),
            *_of_models(config.retrieval, known, ready),
            *await self._of_budget(config, known.statistics.tokens),
            *_of_files(files),
            *_of_report(report, {file.id: file for file in files}, meaning),
        )
        return State(
            files=len(files),
            ready=sum(file.is_found for file in files),
            at_work=sum(file.state in AT_WORK for file in files),
            questions=sum(asked.asked for asked in report.asked),
            found=sum(asked.found for asked in report.asked),
            problems=problems,
            told=frozenset(await self.notes.all(user, agent_id, "told")),
        )

    async def _of_budget(self, config: AgentConfig, tokens: int) -> Sequence[Problem]:
        """That the model reads little of what is found, where it could read more. `tokens` are those of all files."""
        try:
            chosen = await self.knowledge.by_model.models.choose(self.user, config.model)
        except ModelError:
            return ()  # its key is missing, say, which the page tells elsewhere
        if chosen is None:
            return ()
        now, wanted = (chosen.entry.knowledge_room(each) for each in (config.retrieval.budget, GENEROUS_CHARS))
        if now >= min(SCANT_CHARS, wanted) or tokens <= now:
            return ()
        fix = Fix(_filled(_MORE, wanted=f"{wanted:,}"), retrieval=Retrieval(budget=wanted))
        return (_problem("budget", _filled(_SCANT, now=f"{now:,}"), [str(now)], fix),)

    async def retry(self, file: str) -> None:
        await self.knowledge.retry(self.user, self.agent_id, file)

    async def tell(self, problems: Collection[str]) -> None:
        if problems:
            await self.notes.put(self.user, self.agent_id, "told", dict.fromkeys(problems, "{}"))


def _of_none(config: AgentConfig) -> Iterator[Problem]:
    if _FOR_DOCUMENTS.search(f"{config.description}\n{config.instruction}"):
        yield _problem("empty", _EMPTY, [])


def _of_scope(config: AgentConfig, files: Collection[KnownFile]) -> Iterator[Problem]:
    wanted = {*(config.retrieval.tags or ())}
    if wanted and not any(wanted & {*file.tags} for file in files):
        told = ", ".join(_short(tag) for tag in sorted(wanted)[:3])
        yield _problem(
            "scope", _filled(_SCOPE, tags=told), sorted(wanted), Fix(_ALL_FILES, retrieval=Retrieval(tags=()))
        )


def _of_models(wanted: Retrieval, known: Known, ready: Sequence[str]) -> Iterator[Problem]:
    """What was chosen to find by and is not at work. `ready` are the embedding models that could be."""
    if known.problem is None:
        return
    chosen = wanted.embedding or known.finding.embedding
    if known.finding.problem and wanted.reranker and known.finding.embedding == chosen:
        fix = Fix(_AS_FOUND, retrieval=Retrieval(reranker=""))
    elif other := next((key for key in ready if key != chosen), ""):
        fix = Fix(_filled(_OTHER_MODEL, model=other), retrieval=Retrieval(embedding=other))
    else:
        fix = Fix(_WORDS_ALONE, retrieval=Retrieval(embedding=""))
    yield _problem("engine", known.problem, [known.problem.en], fix)


def _of_files(files: Collection[KnownFile]) -> Iterator[Problem]:
    for file in files:
        name = _short(file.name)
        if file.missing:
            take_out = Fix(_filled(_TAKE_OUT, name=name), without=file.id)
            yield _problem("missing", _filled(_MISSING, name=name), [file.id], take_out)
        elif file.state == "failed" and file.reason:
            # Of a file that is broken another try changes nothing: its reason says what does.
            may_help = file.source is not None or file.reason in (CANCELLED, GIVEN_UP)
            again = Fix(_filled(_READ_AGAIN, name=name), retry=file.id) if may_help else None
            # The reason need not say again which file it is about.
            zh, en = (
                file.reason.zh.replace(f"“{file.name}”", "它"),
                file.reason.en.replace(f"{file.name!r} is", "It is"),
            )
            zh, en = (_plain(why.replace(file.name, name), MAX_REASON_CHARS) for why in (zh, en))
            words = Words(_UNREAD.zh.format(name=name, why=zh), _UNREAD.en.format(name=name, why=en))
            yield _problem("unread", words, [file.id, en], again)


def _of_report(report: Report, files: Mapping[str, KnownFile], meaning: str) -> Iterator[Problem]:
    """`meaning` is an embedding model that could help and was switched off."""
    gone = set[str]()
    for copied in report.copies:
        # Of three that say the same two may go, never all.
        if copied.whole and copied.one not in gone and {copied.one, copied.other} <= files.keys():
            gone.add(copied.other)
            one, other = (_short(files[file].name) for file in (copied.one, copied.other))
            take_out = Fix(_filled(_TAKE_OUT, name=other), without=copied.other)
            yield _problem("copy", _filled(_COPY, one=one, other=other), [copied.one, copied.other], take_out)
    clashes = Counter(
        tuple(sorted((each.one.file, each.other.file))) for each in report.contradictions if not each.dismissed
    )
    for (one, other), count in clashes.items():
        names = {"one": _short(files[one].name), "other": _short(files[other].name)}
        told = _filled(_CLASH_WITHIN if one == other else _CLASH, **names, count=count)
        yield _problem("contradiction", told, [one, other, str(count)])
    switch = Fix(_filled(_MEANING, model=meaning), retrieval=Retrieval(embedding=meaning)) if meaning else None
    for asked in report.asked:
        if asked.asked >= FEWEST_ASKED and asked.found / asked.asked < LEAST_FOUND and asked.file in files:
            missed = asked.asked - asked.found
            told = _filled(_UNFOUND, name=_short(files[asked.file].name), asked=asked.asked, missed=missed)
            yield _problem("unfound", told, [asked.file, files[asked.file].digest], switch)


def _problem(kind: Kind, words: Words, about: Collection[str], fix: Fix | None = None) -> Problem:
    """A problem, known by what it is about."""
    named = hashlib.sha256("\n".join((kind, *about)).encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return Problem(named, kind, words, fix)


def _filled(words: Words, **values: object) -> Words:
    return Words(words.zh.format(**values), words.en.format(**values))


def _short(name: str) -> str:
    return _plain(name, MAX_NAME_CHARS)


def _plain(text: str, most: int) -> str:
    """What others gave, in one line and without what could end its place."""
    shown = " ".join(re.sub(r"[<>“”\"{}\[\]`]", "", text).split())
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"
