"""The forms of a participant, and the values in them, as they are under another version.

Values go where ``study.routes`` leads them. Nothing is thrown away: a value without a place, or that does not fit, is
handed back to the caller, who keeps it; a form that the version no longer has stays as it was, signed and verified.
Marks end only where something really changed: a verified value that merely moved stays verified, and a form of which
nothing moved is not written at all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from helmont.core.permissions import Actor
from helmont.core.records import Row
from helmont.core.rows import Find, Read, Rows
from helmont.core.signatures.actions import break_signatures, signatures_read
from helmont.core.transactions import Transaction
from helmont.edc.actions.amending.followers import FOLLOWERS, READS
from helmont.edc.actions.amending.outcome import Amended, Kept, Moved
from helmont.edc.actions.amending.remarks import close
from helmont.edc.actions.amending.rules import Touched, run_rules
from helmont.edc.actions.amending.visits import in_one_step, rename_visits, renamed_reads
from helmont.edc.actions.lines import spoken_for
from helmont.edc.items import privileges
from helmont.edc.keys import LOG
from helmont.edc.locks import wide_holds
from helmont.edc.rechecking import changed_keys
from helmont.study.routes import Carried, Homeless, Routes, place_all
from helmont.study.values import Value

LOCKS = ("", "open", "frozen", "locked")


def still_because(tx: Transaction, participant: Row) -> str:
    """The lock on the participant, the site or the study that keeps an amendment out, in words; "" when there is none."""
    return next((str(hold) for hold in wide_holds(tx, participant["site"], participant["number"])), "")


def amend_reads(rows: Rows, participant: str, routes: Routes) -> Iterator[Iterable[Read]]:
    """What ``amend_forms`` will read, in rounds (``Action.further_reads``); the participant's forms were asked for."""
    found = rows.found("form", "participant", participant)
    if not found:
        return
    keys = [row["key"] for row in found if not routes.stays_and_rests(row["form"])]
    yield [
        *(read for key in keys for read in (Find("query", "form", key), Find("comment", "form", key))),
        *(signatures_read(f"form:{key}") for key in keys),
        *(read(participant) for read in READS),
        *renamed_reads(found, routes),
    ]


def amend_forms(
    tx: Transaction, actor: Actor, participant: Row, routes: Routes, routes_from: Callable[[str], Routes]
) -> Amended:
    """Bring the participant's forms under the version ``routes.new``; ``participant`` is under it already.

    ``routes_from`` gives the ways from an earlier version, for forms that come back after having been away.
    """
    amending = _Amending(tx, actor, participant, routes)
    amending.rename_visits()
    for row in tx.find("form", "participant", participant["key"]):
        if row["form"] not in routes.old.forms and row["form"] in routes.new.forms:
            returning = _Amending(tx, actor, participant, routes_from(row["definition"]), amending.done)
            returning.bring_back(row)
            amending.touched.update(returning.touched)
    return amending.run()


class _Amending:
    def __init__(
        self, tx: Transaction, actor: Actor, participant: Row, routes: Routes, done: Amended | None = None
    ) -> None:
        self.tx, self.actor, self.participant, self.routes = tx, actor, participant, routes
        self.done = done or Amended()
        self.touched = Touched()
        self.lines: dict[str, int] = defaultdict(int)
        self.gone: set[str] = set()

    def rename_visits(self) -> None:
        self.gone = rename_visits(self.tx, self.actor, self.participant, self.routes, self.touched, self.done)

    def run(self) -> Amended:
        found = self.tx.find("form", "participant", self.participant["key"])
        rows = [row for row in found if row["container"] not in self.gone]
        self._know_what_is_absent(rows)
        visits: dict[str, dict[str, Row]] = defaultdict(dict)
        for form, line in spoken_for(self.tx, self.participant["key"]):
            self.lines[form] = max(self.lines[form], line)
        for row in rows:
            if row["line"]:
                self.lines[row["form"]] = max(self.lines[row["form"]], int(row["line"]))
            else:
                visits[row["container"]][row["form"]] = row
        for container in visits.values():
            self._amend(container)
        shifts: dict[tuple[str, str], int] = {}
        for row in rows:
            if row["line"]:
                self._amend({row["form"]: row}, shifts)
        if self.gone:
            self.done.moved = in_one_step(self.done.moved)
        for follow in FOLLOWERS:
            follow(self.tx, self.participant, self.routes, self.done)
        run_rules(self.tx, self.actor, self.participant, self.routes, self.touched, self.done)
        return self.done

    def bring_back(self, row: Row) -> None:
        """A form that the last version did not have and this one has again."""
        if row["form"] in self.routes.old.forms:
            self._amend({row["form"]: row}, {} if row["line"] else None)
        self.touched.items.setdefault(row["key"], [])

    def _know_what_is_absent(self, rows: Sequence[Row]) -> None:
        """All forms of the participant were read, so whatever else a rule may look for is not there."""
        lines: dict[str, list[str]] = {
            f"{self.participant['key']}/{LOG}/{form.id}": []
            for form in self.routes.new.forms.values()
            if form.form.kind == "log"
        }
        for row in self.tx.rows.found("form", "participant", self.participant["key"]):
            if row["container"] in lines:
                lines[row["container"]].append(row["key"])
        for container, keys in lines.items():
            self.tx.rows.assume_found("form", "container", container, keys)
        there = {row["key"] for row in rows}
        for encounter in self.tx.find("encounter", "participant", self.participant["key"]):
            for form in self.routes.looked_for:
                if (key := f"{encounter['key']}/{form}") not in there:
                    self.tx.rows.assume_absent("form", key)

    # Values

    def _amend(self, together: Mapping[str, Row], shifts: dict[tuple[str, str], int] | None = None) -> None:
        """Amend the forms of one visit, or one line of a log (with ``shifts``: how far lines of another log move)."""
        routes = self.routes
        known = {name: row for name, row in together.items() if name in routes.old.forms}
        leaving = {name: row for name, row in known.items() if not routes.stays(name)}
        for name, row in list(leaving.items()):
            if not routes.leads_anywhere(name):
                del leaving[name]
                self._keep_whole(row)
        if not leaving:
            return
        goals = {goal for name in leaving for goal in routes.targets(name)}
        sources = {name: row for name, row in known.items() if name in leaving or name in goals}
        placed, homeless = place_all({name: row["data"] for name, row in sources.items()}, routes, self.tx.today)
        keys = {name: self._key(next(iter(leaving.values())), name, together, shifts) for name in (*sources, *goals)}
        for name in dict.fromkeys((*sources, *goals)):
            self._write(name, keys[name], sources, placed.get(name, {}), homeless.get(name, []), leaving)
        for name, row in leaving.items():
            self._move_remarks(name, row, keys, leaving)

    def _key(
        self, beside: Row, name: str, together: Mapping[str, Row], shifts: dict[tuple[str, str], int] | None
    ) -> str:
        if name in together:
            return str(together[name]["key"])
        if shifts is None:
            return f"{beside['container']}/{name}"
        # Lines that join another log come after those it has; lines of a log that is new keep their numbers.
        shift = shifts.setdefault((beside["form"], name), self.lines[name])
        line = int(beside["line"]) + shift
        self.lines[name] = max(self.lines[name], line)
        return f"{self.participant['key']}/{LOG}/{name}/{line}"

    def _write(
        self,
        name: str,
        key: str,
        sources: Mapping[str, Row],
        placed: Mapping[str, Carried],
        homeless: Sequence[Homeless],
        leaving: Mapping[str, Row],
    ) -> None:
        """Write one form as it is after the amendment, and hand back what of it has no place."""
        row = sources.get(name)
        for lost in homeless:
            self._keep(name, sources[name], lost)
        origins = {one.source for one in placed.values()} - {name}
        if row is None and not placed and not self._begins(name, key, leaving):
            return
        data = {to: one.value for to, one in placed.items()}
        marks = self._marks(sources, placed)
        before = row["data"] if row else {}
        changed = changed_keys(before, data)
        if row is not None and not changed:
            return
        for to, one in placed.items():
            if (one.source, one.key) != (name, to) or one.converted:
                origin = sources[one.source]
                was = origin["data"][one.key]
                self.done.moved.append(Moved(origin["key"], one.key, key, to, was, one.value))
                if to in marks["verified"]:
                    self.done.carried_marks.add((origin["key"], one.key))
        rewritten = (
            bool(origins or homeless) or len(data) < len(before) or any(one.converted for one in placed.values())
        )
        self._put(
            name, key, row, data, marks, rewritten, [sources[one] for one in sorted(origins)] or [*leaving.values()]
        )
        self.touched.items[key] = changed

    def _marks(self, sources: Mapping[str, Row], placed: Mapping[str, Carried]) -> dict[str, dict[str, Any]]:
        """What goes along with the values: verification (which ends where a value is written anew), and locks of items."""
        marks: dict[str, dict[str, Any]] = {"verified": {}, "lapsed": {}, "held": {}}
        for to, one in placed.items():
            origin = sources[one.source]
            for name in marks:
                if one.key in origin[name]:
                    marks[name][to] = origin[name][one.key]
            if one.converted and (mark := marks["verified"].pop(to, None)):
                ended = {"verified_by": mark["by"], "verified_at": mark["at"], "sequence": self.tx.sequence}
                marks["lapsed"][to] = ended | {"by": self.actor.handle, "at": self.tx.timestamp}
        return marks

    def _put(
        self,
        name: str,
        key: str,
        row: Row | None,
        data: Mapping[str, Value],
        marks: Mapping[str, Mapping[str, Any]],
        rewritten: bool,
        origins: Sequence[Row],
    ) -> None:
        gone = name not in self.routes.new.forms
        fields: dict[str, Any] = {"data": data, "definition": self.participant["definition"], **marks}
        if row is None:
            self.touched.new.add(key)
            status, note = _status(origins)
            first = origins[0]
            fields |= {
                "study": first["study"],
                "country": first["country"],
                "site": first["site"],
                "participant": first["participant"],
                "container": key.rsplit("/", 1)[0],
                "encounter": first["encounter"],
                "form": name,
                "line": key.rsplit("/", 1)[1] if first["line"] else "",
                "status": status,
                "note": note,
                **_lock(origins),
            }
        else:
            if gone:
                fields |= {"status": "removed", "note": ", ".join(self.routes.targets(name))}
            if rewritten and row["reviewed"]:
                fields["reviewed"] = {}
            if row["signed"] == "valid":
                break_signatures(self.tx, f"form:{key}", self.actor)
                fields["signed"] = "broken"
        self.tx.put("form", key, **fields)

    def _begins(self, name: str, key: str, leaving: Mapping[str, Row]) -> bool:
        """Whether a form that is new begins here without values: what it was split from was filled in, or not done."""
        if name in self.routes.old.forms or any(row["line"] for row in leaving.values()):
            return False
        encounter = self.tx.get("encounter", key.rsplit("/", 1)[0])
        return encounter is not None and name in self.routes.new.forms_at(encounter["oid"])

    def _keep(self, name: str, row: Row, one: Homeless) -> None:
        form = self.routes.old.forms[name]
        item = form.item(one.key) if one.key in form else None
        self.done.kept.append(
            Kept(
                form=row["key"],
                item=one.key,
                value=one.value,
                why=one.why,
                privilege=(item.privilege or "") if item else "",
                mark=row["verified"].get(one.key, {}),
                settled=item is not None and item.type == "calculated",
            )
        )

    def _keep_whole(self, row: Row) -> None:
        """A form that the version does not have stays as it was; its automatic queries are nobody's any more."""
        form = self.routes.old.forms[row["form"]]
        if row["data"]:
            guarded = next(iter(sorted(privileges(form).values())), "")
            self.done.kept.append(Kept(row["key"], "", None, None, guarded))
        for query in self.tx.find("query", "form", row["key"]):
            close(self.tx, self.actor, query)

    # Queries and comments

    def _move_remarks(self, name: str, row: Row, keys: Mapping[str, str], leaving: Mapping[str, Row]) -> None:
        old = self.routes.old.forms[name]
        for kind in ("query", "comment"):
            for remark in self.tx.find(kind, "form", row["key"]):
                item = remark["item"]
                to = self.routes.target(name, item) if item in old else None
                if to is not None:
                    self._move_remark(kind, remark, keys[to[0]], to, leaving)
                elif kind == "query":
                    close(self.tx, self.actor, remark)

    def _move_remark(self, kind: str, remark: Row, key: str, to: tuple[str, str], leaving: Mapping[str, Row]) -> None:
        if (remark["form"], remark["item"]) == (key, to[1]):
            return
        if self.tx.get("form", key) is None:  # the item had no value, so nothing else made the form
            self._put(to[0], key, None, {}, {}, False, [*leaving.values()])
            self.touched.items[key] = []
        self.tx.put(kind, remark["key"], form=key, item=to[1])
        if kind == "query":
            self.touched.queried.add(key)


def _lock(origins: Sequence[Row]) -> dict[str, Any]:
    """The lock of a form made of others: the strongest of theirs."""
    strongest = max(origins, key=lambda row: LOCKS.index(row["lock"]))
    return {"lock": strongest["lock"], "locked": strongest["locked"]}


def _status(origins: Sequence[Row]) -> tuple[str, str]:
    """Status and note of a form made of others: complete when all of them are, not done or removed when all of them are."""
    found = {row["status"] for row in origins}
    if len(found) == 1:
        return found.pop(), origins[0]["note"]
    return "complete" if found <= {"complete", "not_done"} else "draft", ""
