#!/usr/bin/env python3
"""Verifies exports of the audit service offline, as docs/verify.md describes it. A second implementation beside the
command `sluice audit verify`: Python's standard library and the `openssl` command only.

Usage: verify_export.py [--json] [--authority FILE] [--heads FILE]... FILE...
Exit status: 0 if nothing is wrong, 1 if something is, 2 if a file cannot be verified at all.
"""
import argparse
import base64
import gzip
import hashlib
import json
import math
import re
import subprocess
import sys
import tempfile
import unicodedata
from datetime import date
from pathlib import Path

MAX_LINE = 1024 * 1024
MAX_PROBLEMS = 1000
MAX_DEPTH = 32
MINUTE = 60_000  # times are milliseconds since 1970
SLACK = 2 * MINUTE
ZEROS = "0" * 64
SERVICES = ("registry", "health", "audit")
SOURCES = {f"sluice://{service}": service for service in SERVICES}
HEADS = ("audit.v1.relay.head.", "audit.v1.service.head.")
EPOCH = date(1970, 1, 1).toordinal()
HOURS, MINUTES = r"([01]\d|2[0-3])", r"([0-5]\d)"
TIME = re.compile(rf"(\d{{4}})-(\d\d)-(\d\d)T{HOURS}:{MINUTES}:{MINUTES}(?:\.(\d+))?(?:Z|([+-]){HOURS}:{MINUTES})", re.ASCII)
MILLISECONDS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)
SIGNATURE = re.compile("[A-Za-z0-9+/]{86}==")
ONE_PEM = re.compile("-----BEGIN CERTIFICATE-----\n([A-Za-z0-9+/=]{1,64}\n)+-----END CERTIFICATE-----\n?")
P256 = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")  # what a key on this curve begins with
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
HASH = re.compile("[0-9a-f]{64}")
SIGNER = re.compile(r"URI:sluice://[0-9a-f-]{36}/(?:relays/([0-9a-f-]{36})/clusters/[a-z0-9-]{1,63}|services/(registry|health|audit))")
BEGIN = ("requestId attempt account gateway clientAddress dialledAddress rule sharedListener startedAt "
         "resource.id resource.name resource.tags relay.id relay.name").split()
CLOSED = "bytesUp bytesDown exactness endedBy revocationMs".split()
LOST = ("link lost", "relay lost", "journal failed")


class NotAnExport(Exception):
    """The file cannot be verified at all."""


# Values

def plain(value):
    """The value without characters that records never have; null and absent members are the same."""
    if isinstance(value, str):
        return "".join(c for c in value if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Zl", "Zp"))
    if isinstance(value, list):
        return [plain(item) for item in value]
    return {plain(k): plain(v) for k, v in value.items()} if isinstance(value, dict) else value


def member(value, path):
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def moment(text):
    """Milliseconds since 1970 of a time in ISO 8601 with its offset; None for anything else."""
    found = TIME.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(found[group]) for group in range(1, 7))
    try:  # Python has no year 0; the calendar repeats after 400 years, which have 146,097 days
        days = date(year, month, day).toordinal() if year else date(400, month, day).toordinal() - 146_097
    except ValueError:
        return None
    offset = int(f"{found[8]}1") * (int(found[9]) * 60 + int(found[10])) if found[8] else 0
    minutes = ((days - EPOCH) * 24 + hour) * 60 + minute - offset
    return minutes * MINUTE + second * 1000 + int(((found[7] or "") + "000")[:3])


def number(text):
    """A number that is written with a fraction or an exponent: an integer if it is one, as 2.0 and 2e0 are."""
    value = float(text)
    return int(value) if value.is_integer() else value


def integer(text):
    """An integer; infinite beyond what a number can be elsewhere."""
    return int(text) if len(text) < 310 else float(text)


def parse(text):
    """A JSON object; None for anything else, and for one that is nested too deeply."""
    def refuse(word):
        raise ValueError(word)
    try:
        value = json.loads(text, parse_constant=refuse, parse_float=number, parse_int=integer)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) and not is_deeper(value, MAX_DEPTH) else None


def is_deeper(value, depth):
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return items is not None and (depth == 0 or any(is_deeper(item, depth - 1) for item in items))


def whole(value, least=1):
    return type(value) is int and least <= value < 2**53


def is_name(value):
    """Whether it is an author or an incarnation: 1 to 200 units of UTF-16."""
    return isinstance(value, str) and 1 <= len(value.encode("utf-16-le", "surrogatepass")) // 2 <= 200


def texts(value, *names):
    return all(isinstance(value.get(name), str) for name in names)


def pem_of(der):
    return b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(der) + b"-----END CERTIFICATE-----\n"


def der_of(pem):
    try:
        return base64.b64decode(re.sub(rb"-----[^-]*-----|\s", b"", pem))
    except ValueError:
        return None


def split_pem(text):
    return re.findall("-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----", text) or [text]


def is_authority(value):
    """Whether a value of the first line is an authority with the signatures by which it endorses its neighbours."""
    if not isinstance(value, dict) or not texts(value, "certificate") or len(value["certificate"]) > 4000:
        return False
    if not ONE_PEM.fullmatch(value["certificate"]):
        return False
    at, signatures = value.get("acceptedUntil", 0), [value.get(name, 0) for name in ("endorsesNext", "endorsesPrevious")]
    is_time = at is None or isinstance(at, str) and MILLISECONDS.fullmatch(at) and at[0] in "12" and moment(at) is not None
    return bool(is_time) and all(one is None or isinstance(one, str) and SIGNATURE.fullmatch(one) for one in signatures)


# Facts

def author_of(subject):
    """The author, and the kind: the third and the fourth part."""
    parts = subject.split(".") + [""] * 6
    kind = f"{parts[2]}.{parts[3]}"
    if parts[:2] != ["audit", "v1"]:
        return None, kind
    if parts[2] in ("session", "relay"):
        return (parts[5] if UUID.fullmatch(parts[5]) else None), kind
    if parts[2] == "service":
        return (parts[4] if parts[4] in SERVICES else None), kind
    return {"activity": "registry", "attempt": "registry", "health": "health", "integrity": "audit"}.get(parts[2]), kind


class Fact:
    """A fact; ValueError if it is malformed. One that was quarantined needs only its place in its chain."""

    def __init__(self, subject, text, quarantined):
        body = parse(text)
        if quarantined and body is not None and not subject.startswith(HEADS):
            body = {"specversion": "1.0", "id": "", "type": "", "time": "", "data": {}, **readable(body)}
        if body is None or body.get("specversion") != "1.0" or not texts(body, "id", "type", "time", "incarnation", "previous"):
            raise ValueError
        if not whole(body.get("number")) or not HASH.fullmatch(body["previous"]) or not isinstance(body.get("data"), dict):
            raise ValueError
        self.body, self.data, self.number, self.previous = body, body["data"], body["number"], body["previous"]
        self.subject, (self.author, self.kind) = subject, author_of(subject)
        self.hash = hashlib.sha256(text.encode("utf-8")).hexdigest()
        self.session = None
        if self.kind.startswith("session."):
            self.session = str(self.data.get("sessionId")).lower()
            if not UUID.fullmatch(self.session):
                if not quarantined:
                    raise ValueError
                self.session = None

    def is_foreign(self, author, incarnation, quarantined):
        of_node = self.kind.startswith(("session.", "relay."))
        if self.author != author or self.body["incarnation"] != incarnation:
            return True
        if quarantined:
            return False
        if self.body["type"] != f"sluice.{self.kind}.v1":
            return True
        if self.body.get("node") != (author if of_node else None):
            return True
        return self.session is not None and names_another(self.session, author)


def readable(body):
    """The fields of a malformed fact that have the form they should have."""
    forms = {"data": dict, "number": int}
    return {name: value for name, value in body.items() if isinstance(value, forms.get(name, str))}


def names_another(session, author):
    bits = int(session.replace("-", ""), 16)
    own = int.from_bytes(hashlib.sha256(author.encode()).digest()[:5], "big")
    return session[14] == "8" and bits >> 22 & (1 << 40) - 1 != own


# Certificates and signatures. What a file says is handed to openssl in files with fixed names only.

class Authority:
    """An authority that the file names. Until when it is accepted depends on who endorses it; None: it is not."""

    def __init__(self, der, key, record):
        self.pem, self.fingerprint = pem_of(der), hashlib.sha256(der).hexdigest()
        self.key, self.record, self.until = key, record, None


class Authorities:
    """What certificates are checked against: the authorities that were given, or else the one that the file names, and those
    of the file that follow from it."""

    def __init__(self, folder, pins, records):
        self.folder, self.known = Path(folder), {}
        pinned = [self.read_authority(pem) for pem in pins]
        if None in pinned:
            raise NotAnExport("the certificate of the authority cannot be read")
        self.fingerprint = pinned[0].fingerprint
        named = [self.read_authority(record["certificate"], record) for record in records]
        self.accepted = self.prove({pin.fingerprint for pin in pinned}, named)
        for pin in pinned:
            if pin.fingerprint not in [one.fingerprint for one in self.accepted]:
                pin.until = math.inf
                self.accepted.append(pin)

    def read_authority(self, pem, record=None):
        self.write("authority.pem", pem.encode("utf-8", "replace"))
        der, key = (self.openssl("x509", "-in", "authority.pem", *what) for what in (("-outform", "DER"), ("-noout", "-pubkey")))
        if der is None or der != der_of(pem.encode("utf-8", "replace")):  # openssl ignores what follows
            return None
        if record is not None and (key is None or not der_of(key).startswith(P256)):
            return None
        return Authority(der, key, record)

    def prove(self, pins, named):
        """The named ones that are pinned, or endorsed by their neighbour that is accepted."""
        pairs = [(before, after) for before, after in zip(named, named[1:]) if before and after]
        for one in filter(None, named):
            one.until = math.inf if one.fingerprint in pins else None
        for before, after in pairs:
            if before.until is not None and self.endorses(before, "endorsesNext", "next", before.fingerprint, after.fingerprint):
                after.until = math.inf
        for before, after in reversed(pairs):
            until = before.record["acceptedUntil"]
            if until and after.until is not None and self.endorses(after, "endorsesPrevious", "previous", after.fingerprint,
                                                                   before.fingerprint, until):
                before.until = min(moment(until), after.until, math.inf if before.until is None else before.until)
        accepted = {}
        for one in named:
            if one and one.until is not None:
                same = accepted.setdefault(one.fingerprint, one)
                same.until = min(same.until, one.until)
        return list(accepted.values())

    def endorses(self, by, name, which, *lines):
        signature, text = by.record[name], "\n".join([f"sluice authority 1 {which}", *lines, ""])
        return signature is not None and self.signed(by.key, text.encode(), base64.b64decode(signature))

    def write(self, name, data):
        (self.folder / name).write_bytes(data)

    def openssl(self, *arguments):
        done = subprocess.run(["openssl", *arguments], cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
                              check=False)
        return done.stdout if done.returncode == 0 else None

    def certificate(self, der):
        """(author, not before, last moment, public key) of a certificate; None if it is not of an authority that is accepted."""
        if der not in self.known:
            self.write("certificate.pem", pem_of(der))
            whole_file = self.openssl("x509", "-in", "certificate.pem", "-outform", "DER")  # openssl ignores what follows
            self.known[der] = self.read_certificate() if whole_file == der else None
        return self.known[der]

    def read_certificate(self):
        issuer = next(filter(self.has_issued, self.accepted), None)
        if issuer is None:
            return None
        shown = self.openssl("x509", "-in", "certificate.pem", "-noout", "-dates", "-dateopt", "iso_8601", "-ext",
                             "subjectAltName,extendedKeyUsage,basicConstraints", "-pubkey").decode("utf-8", "replace")
        dates = [moment(text.strip().replace(" ", "T")) for text in re.findall(r"^not(?:Before|After)=(.*)$", shown, re.M)]
        names = re.search(r"Subject Alternative Name:.*\n\s*(.*)", shown)
        usage = re.search(r"Extended Key Usage:.*\n\s*(.*)", shown)
        uri = SIGNER.fullmatch(names[1] if names else "")
        if "CA:TRUE" in shown or not uri or not usage or usage[1] != "TLS Web Server Authentication" or len(dates) != 2 or None in dates:
            return None
        key = re.search("-----BEGIN PUBLIC KEY-----[^-]*-----END PUBLIC KEY-----\n", shown)[0].encode()
        last = min(dates[1] - 1, issuer.until)
        return uri[1] or uri[2], dates[0], last, key

    def has_issued(self, authority):
        self.write("authority.pem", authority.pem)
        # without the last two options openssl would trust the authorities of the system as well
        return self.openssl("verify", "-no_check_time", "-ignore_critical", "-partial_chain", "-CAfile", "authority.pem", "-no-CApath", "-no-CAstore",
                            "certificate.pem") is not None

    def signed(self, key, text, signature):
        def integer(data):
            data = data.lstrip(b"\0") or b"\0"
            data = b"\0" + data if data[0] & 0x80 else data
            return bytes([2, len(data)]) + data
        pair = integer(signature[:32]) + integer(signature[32:])
        for name, data in (("key.pem", key), ("text", text), ("signature.der", bytes([0x30, len(pair)]) + pair)):
            self.write(name, data)
        return self.openssl("dgst", "-sha256", "-verify", "key.pem", "-signature", "signature.der", "text") is not None

    def check_dropped(self, data):
        """Whether the audit service has signed what a `dropped` line says."""
        at, names = moment(data.get("at")), ("author", "incarnation", "hash", "at", "certificate", "signature")
        if not texts(data, *names) or at is None or not MILLISECONDS.fullmatch(data["at"]):
            return False
        if not all(whole(data.get(name), least) for name, least in (("through", 1), ("facts", 0), ("records", 0))):
            return False
        if not is_name(data["author"]) or not is_name(data["incarnation"]):
            return False
        try:
            signature, der = (base64.b64decode(data[name], validate=True) for name in ("signature", "certificate"))
        except ValueError:
            return False
        certificate = self.certificate(der) if HASH.fullmatch(data["hash"]) and len(signature) == 64 else None
        if certificate is None or certificate[0] != "audit" or not certificate[1] <= at <= certificate[2]:
            return False
        lines = ["sluice audit dropped 1", *(str(data[name]) for name in "author incarnation through hash facts records at".split()), ""]
        return self.signed(certificate[3], "\n".join(lines).encode("utf-8", "replace"), signature)

    def check_head(self, fact):
        """What is wrong with a head; None if nothing is."""
        data = fact.data
        at = moment(data.get("at"))
        if at is None or not MILLISECONDS.fullmatch(data["at"]) or not texts(data, "certificate", "signature"):
            return "bad-head"
        if not whole(data.get("through")) or data["through"] != fact.number - 1 or data.get("hash") != fact.previous:
            return "bad-head"
        try:
            signature, der = (base64.b64decode(data[name], validate=True) for name in ("signature", "certificate"))
        except ValueError:
            return "bad-head"
        if len(signature) != 64:
            return "bad-head"
        certificate = self.certificate(der)
        if certificate is None:
            return "bad-certificate"
        author, begin, end, key = certificate
        if author != fact.author or not begin <= at <= end:
            return "bad-certificate"
        lines = ["sluice audit head 1", author, fact.body["incarnation"], str(data["through"]), data["hash"], data["at"], ""]
        return None if self.signed(key, "\n".join(lines).encode("latin-1", "replace"), signature) else "bad-head"


# What is verified together: hashes of other files, and heads that somebody has kept

class Elsewhere:
    def __init__(self):
        self.hashes, self.heads = {}, {}

    def read_heads(self, file):
        """Heads as they were published, or lines of an export destination, which may be any event."""
        with (gzip.open if file.endswith(".gz") else open)(file, "rt", encoding="utf-8", newline="\n") as lines:
            kept = [self.add_kept(line.rstrip("\n")) for line in lines if line != "\n"]
        if False in kept:
            raise NotAnExport("a line of the heads is not a signed head")
        if True not in kept:
            raise NotAnExport("there is no signed head in " + file)

    def add_kept(self, line):
        exported = re.fullmatch(r'\{"number":[0-9]+,"subject":"([^"\\]+)","event":(.*)\}', line, re.DOTALL)
        if exported is None:
            return self.add_head(line)
        subject, event = exported.groups()
        return subject.startswith(HEADS) and self.add_head(event, author_of(subject)[0] or "") or None

    def add_head(self, text, published_by=None):
        body = parse(text)
        author = self.author_of_head(body) if body else None
        if author is None or published_by not in (None, author) or not texts(body, "incarnation") or not whole(
                body.get("number")) or moment(member(body, "data.at")) is None:
            return False
        chain = author, body["incarnation"]
        self.hashes.setdefault(chain, {})[body["number"]] = hashlib.sha256(text.encode()).hexdigest()
        self.heads.setdefault(chain, []).append((body["number"], moment(body["data"]["at"])))
        return True

    @staticmethod
    def author_of_head(body):
        if body.get("type") == "sluice.relay.head.v1":
            return body["node"] if texts(body, "node") else None
        return SOURCES.get(body.get("source")) if body.get("type") == "sluice.service.head.v1" and texts(body, "source") else None


class Chain:
    def __init__(self, line):
        self.author, self.incarnation = line["author"], line["incarnation"]
        self.name = line["name"] if isinstance(line["name"], str) else None
        self.first, self.to, self.next = line["from"], line["to"], line["from"]
        self.hash = ZEROS if self.first == 1 else None
        self.head, self.heads, self.wrong, self.begun = None, [], False, None
        self.dropped = None
        self.pending = self.uncovered = self.gaps = self.digests = self.quarantined = 0

    def break_off(self):
        """What follows is not chained to what was before: no head can cover that any more."""
        self.hash, self.uncovered, self.pending = None, self.uncovered + self.pending, 0

    def covers(self, at):
        """Whether every fact about something that happened then must be in this chain."""
        if self.gaps + self.digests + self.quarantined or self.head is None or None in (self.begun, at):
            return False
        return self.begun + SLACK <= at <= moment(self.head.data["at"]) - SLACK

    @property
    def result(self):
        return {"author": self.author, "name": self.name, "incarnation": self.incarnation, "from": self.first, "to": self.to,
                "dropped": self.dropped and {name: self.dropped[name] for name in ("through", "facts", "records", "at")},
                "until": self.head and self.head.data["at"], "signedThrough": self.head and self.head.data["through"],
                "unsigned": self.uncovered + self.pending, "gaps": self.gaps, "digests": self.digests, "quarantined": self.quarantined,
                "complete": not self.wrong}


class Session:
    """What the facts of a session say."""
    begin = end = None
    ambiguous = False


# One file

class Verifier:
    def __init__(self, authority_pem, elsewhere, remember, folder):
        self.authority_pem, self.elsewhere, self.remember, self.folder = authority_pem, elsewhere, remember, folder
        self.problems, self.chains, self.sessions, self.deleted = [], [], {}, {}
        self.seen, self.counts, self.checked, self.number, self.count = set(), {"facts": 0, "records": 0}, 0, 0, 0
        self.chain, self.by_name, self.in_records, self.ended = None, {}, False, False

    def add(self, code, message, line=None, **place):
        self.count += 1
        self.problems.append((self.number if line is None else line, {"code": code, "message": plain(message)[:500], **place}))
        if len(self.problems) >= 2 * MAX_PROBLEMS:
            self.problems = self.first_problems()

    def first_problems(self):
        return sorted(self.problems, key=lambda at: at[0])[:MAX_PROBLEMS]

    def add_in(self, chain, code, message, number, line=None, session=None):
        chain.wrong = True
        self.add(code, message, line, author=plain(chain.author), incarnation=plain(chain.incarnation), number=number,
                 **({} if session is None else {"session": session}))

    def read(self, stream):
        digest = hashlib.sha256()
        while raw := stream.readline(MAX_LINE + 1):
            self.number += 1
            long, before, rest = len(raw) > MAX_LINE and not raw.endswith(b"\n"), digest.hexdigest(), raw
            digest.update(raw)
            while long and not rest.endswith(b"\n") and (rest := stream.readline(MAX_LINE)):
                digest.update(rest)
            try:
                text = None if long else raw.decode("utf-8")
            except UnicodeDecodeError:
                text = None
            if self.number == 1 and (text or "").lstrip("\ufeff").replace('"', "").startswith(("id,", "id;", "id\t")):
                raise NotAnExport("it is CSV, which has no facts and no signatures: export the same time with --format ndjson")
            self.take(None if text is None else parse(text), raw.endswith(b"\n"), before)
        if self.number == 0:
            raise NotAnExport("it is not an export of Sluice")
        return self.finish()

    def take(self, line, terminated, before):
        if self.number == 1:
            return self.begin(line or {})
        if self.ended:
            return self.add("malformed", f"line {self.number} comes after the end")
        kind = line.get("line") if line else None
        if kind == "chain" and self.in_records:
            return self.add("malformed", f"line {self.number} begins a chain after the records")
        if (kind == "chain" and is_name(line.get("author")) and is_name(line.get("incarnation")) and whole(line.get("from")) and whole(line.get("to"))
                and isinstance(line.get("dropped", {}), dict)):
            return self.begin_chain(line)
        if kind == "record" and isinstance(line.get("record"), dict):
            self.counts["records"] += 1
            self.in_records = True
            self.end_chain()
            return self.take_record(line["record"])
        if kind == "end" and isinstance(line.get("sha256"), str) and all(type(line.get(name)) is int for name in self.counts):
            self.ended = True
            if not terminated or any(line.get(name) != count for name, count in self.counts.items()) or line["sha256"] != before:
                self.add("truncated", "the counts or the hash in the last line are wrong")
            return None
        readable = (kind == "fact" and texts(line, "subject", "body")
                    or kind == "digest" and texts(line, "subject", "incarnation", "sha256") and whole(line.get("number"))
                    or kind == "missing" and whole(line.get("from")) and whole(line.get("to")))
        self.counts["facts"] += bool(readable and kind == "fact")
        if not readable or self.chain is None:
            return self.add("malformed", f"line {self.number} cannot be read, or belongs to no chain")
        if kind == "fact":
            return self.take_fact(self.chain, line["subject"], line["body"], line.get("quarantined") is not None)
        if kind == "missing":
            return self.take_missing(self.chain, line["from"], line["to"])
        if self.expect(self.chain, line["number"], line["sha256"]):
            self.begins_with(self.chain, line["number"], "")
            self.advance(self.chain, line["number"], line["sha256"])
            self.chain.digests += 1
        return None

    def begin(self, line):
        if texts(line, "id", "state", "startedAt") and UUID.fullmatch(line["id"].lower()):
            raise NotAnExport("it has records only, as the console saves them, without facts and signatures: "
                              "use sluice audit export --format ndjson")
        times = [moment(line.get(name)) for name in ("since", "exportedAt")]
        self.until = moment(line.get("until", ""))
        if line.get("line") != "export" or line.get("format") != "sluice-audit-export" or None in times or not texts(line, "authority"):
            raise NotAnExport("it is not an export of Sluice")
        if self.until is None and line.get("until", "") is not None or type(line.get("version")) is not int:
            raise NotAnExport("it is not an export of Sluice")
        if line["version"] != 1:
            raise NotAnExport("it is an export of another version")
        self.since, self.exported = times
        records = line.get("authorities", [])
        if not isinstance(records, list) or len(records) > 100 or not all(map(is_authority, records)):
            raise NotAnExport("it is not an export of Sluice")
        pins = split_pem(line["authority"])[:1] if self.authority_pem is None else split_pem(self.authority_pem)
        self.authority = Authorities(self.folder, pins, records)

    # Chains

    def begin_chain(self, line):
        self.end_chain()
        again = (line["author"], line["incarnation"]) in self.by_name
        self.chain = Chain({"name": None, **line})
        self.chains.append(self.chain)
        self.by_name[line["author"], line["incarnation"]] = self.chain
        if again or line["to"] < line["from"]:
            self.add_in(self.chain, "malformed", "a chain begins again, or ends before it begins", self.chain.first)
        if "dropped" in line:
            self.take_dropped(self.chain, line["dropped"])
        if self.since <= 0:
            self.expect_whole(self.chain)

    def take_dropped(self, chain, data):
        """What retention has dropped before the first number."""
        if not self.authority.check_dropped(data):
            return self.add_in(chain, "bad-dropped", "the audit service has not signed what is said to be dropped", chain.first)
        if (data["author"], data["incarnation"]) != (chain.author, chain.incarnation) or data["through"] >= chain.first:
            return self.add_in(chain, "bad-dropped", "what is said to be dropped is of another chain, or is there", chain.first)
        chain.dropped = data
        if data["through"] == chain.first - 1:
            chain.hash = data["hash"]
        return None

    def expect_whole(self, chain):
        """In an export of everything, the numbers before the first one were dropped or are missing."""
        first = (chain.dropped["through"] if chain.dropped else 0) + 1
        if first < chain.first:
            chain.next = first
            self.missing(chain, chain.first)
            chain.next = chain.first

    def end_chain(self):
        chain, self.chain = self.chain, None
        if chain and chain.next <= chain.to:
            self.missing(chain, chain.to + 1)
        elif chain and chain.next > chain.to + 1:
            self.add_in(chain, "malformed", f"the chain should end at {chain.to}", chain.next - 1)

    def missing(self, chain, before):
        self.add_in(chain, "missing", f"{chain.next} to {before - 1} are missing", chain.next)
        chain.break_off()

    def expect(self, chain, number, digest):
        if number < chain.next:
            fork = number == chain.next - 1 and chain.hash not in (None, digest)
            self.add_in(chain, "fork" if fork else "out-of-order", f"fact {number} comes after fact {chain.next - 1}", number)
            return False
        if number > chain.next:
            self.missing(chain, number)
        return True

    def advance(self, chain, number, digest):
        chain.next, chain.hash = number + 1, digest
        if digest is None:
            return
        known = self.elsewhere.hashes.get((chain.author, chain.incarnation), {}).get(number)
        if known is None and self.remember:
            self.elsewhere.hashes.setdefault((chain.author, chain.incarnation), {})[number] = digest
        if known not in (None, digest):
            self.add_in(chain, "fork", f"fact {number} is another one elsewhere", number)

    def take_missing(self, chain, first, last):
        if first > chain.next:
            self.missing(chain, first)
        if first < chain.next or last < first:
            return self.add_in(chain, "out-of-order", f"the gap from {first} to {last} is out of place", first)
        self.begins_with(chain, first, "")
        chain.gaps += last - first + 1
        chain.break_off()
        return self.advance(chain, last, None)

    def begins_with(self, chain, number, subject):
        """What follows the dropped part must be a head."""
        if chain.dropped and number - 1 == chain.dropped["through"] and not subject.startswith(HEADS):
            self.add_in(chain, "bad-dropped", "what is left does not begin with a head", number)

    def take_fact(self, chain, subject, text, quarantined):
        try:
            fact = Fact(subject, text, quarantined)
        except ValueError:
            self.add_in(chain, "malformed", f"the fact that should have number {chain.next} is malformed", chain.next)
            return self.advance(chain, chain.next, None)
        foreign = fact.is_foreign(chain.author, chain.incarnation, quarantined)
        if foreign:
            self.add_in(chain, "foreign", f"fact {fact.number} does not belong to this chain", fact.number, session=fact.session)
        if not self.expect(chain, fact.number, fact.hash):
            return None
        self.begins_with(chain, fact.number, fact.subject)
        if chain.hash not in (None, fact.previous):
            self.add_in(chain, "altered", "the hash is not the one in the next fact", max(fact.number - 1, 1))
        self.advance(chain, fact.number, fact.hash)
        if chain.begun is None:
            chain.begun = moment(fact.body["time"])
        chain.pending += 1
        chain.quarantined += quarantined
        if foreign:
            return None
        if fact.subject.startswith(HEADS):
            self.take_head(chain, fact)
        if not quarantined:
            self.note(fact)
        return None

    def take_head(self, chain, fact):
        code = self.authority.check_head(fact)
        if code:
            return self.add_in(chain, code, "the head, its certificate or its signature is wrong", fact.number)
        if chain.head and moment(fact.data["at"]) < moment(chain.head.data["at"]):
            self.add_in(chain, "clock", "the head was signed before the one before it", fact.number)
        chain.head, chain.pending = fact, 0
        chain.heads.append((fact.number, moment(fact.data["at"]), self.number))
        return None

    def note(self, fact):
        """Keeps what a fact says about a session or a deleted node."""
        if fact.subject == "audit.v1.activity.node.deleted":
            node, at = member(fact.data, "object.id"), moment(fact.body["time"])
            if isinstance(node, str) and at is not None:
                self.deleted[node] = min(at, self.deleted.get(node, at))
        if fact.session is None or fact.kind == "session.checkpoint":
            return
        session = self.sessions.setdefault((fact.author, fact.session), Session())
        place = {"author": fact.author, "incarnation": fact.body["incarnation"], "number": fact.number}
        begins = fact.kind != "session.closed"
        if begins and session.begin and session.begin[0]["incarnation"] != place["incarnation"]:
            session.ambiguous = True
        first = begins and session.begin is None
        if first:
            session.begin = place, {name: member(fact.data, name) for name in BEGIN}, self.number
        if fact.kind != "session.opened" and (first or not begins) and session.end is None:
            session.end = place, ending(fact.kind.removeprefix("session."), fact.data)

    # Records

    def take_record(self, record):
        if record.get("source") != "relay":
            return None
        session_id, author, is_final = record.get("id"), member(record, "relay.id"), record.get("state") == "final"
        if not isinstance(session_id, str) or not isinstance(author, str):
            return self.add("malformed", "the record names no session or no relay")
        if moment(record.get("startedAt")) is None or is_final and moment(record.get("endedAt")) is None:
            return self.add("malformed", f"the record of session {session_id} has no readable times", author=author, session=session_id)
        self.seen.add((author, session_id.lower()))
        session = self.sessions.get((author, session_id.lower()))
        if session and session.ambiguous:
            return None
        if not (session and session.begin) and self.is_covered(author, record.get("startedAt")):
            return self.add("record-unfounded", f"no fact says that session {session_id} began", author=author, session=session_id)
        if session is None:
            return None
        self.checked += 1
        place = {**(session.end or session.begin)[0], "session": session_id}
        expected = dict(session.begin[1] if session.begin else {}, **({**session.end[1], "state": "final"} if session.end else {}))
        for name, value in expected.items():
            found = member(record, name)
            same = moment(found) == moment(value) is not None if name in ("startedAt", "endedAt") else canonical(found) == canonical(value)
            if not same:
                return self.add("record-differs", f"the record of session {session_id} says something else about {name}", **place)
        presumed = record.get("endReason") == "relay lost"
        if is_final and not session.end and not presumed and self.is_covered(author, record.get("endedAt")):
            self.add("record-unfounded", f"no fact says that session {session_id} has ended", **place)
        return None

    def is_covered(self, author, time):
        return any(chain.covers(moment(time)) for (of, _), chain in self.by_name.items() if of == author)

    def finish(self):
        self.end_chain()
        if not self.ended:
            self.add("truncated", "the last line is missing", self.number + 1)
        until = self.exported - MINUTE if self.until is None else self.until
        for (author, session_id), session in self.sessions.items():
            started = moment(session.begin[1]["startedAt"]) if session.begin else None
            if started is not None and self.since <= started < until and (author, session_id) not in self.seen:
                self.add("record-missing", f"the record of session {session_id} is missing", session.begin[2], **session.begin[0],
                         session=session_id)
        latest = self.exported if self.until is None else self.until
        for chain in self.chains:
            deleted = self.deleted.get(chain.author)
            late = [head for head in chain.heads if deleted is not None and head[1] > deleted + MINUTE]
            if late:
                self.add_in(chain, "revoked", "a head was signed after the node was deleted", late[0][0], late[0][2])
            kept = self.elsewhere.heads.get((chain.author, chain.incarnation), [])
            beyond = [number for number, at in kept if number > chain.to and at < latest]
            if beyond:
                self.add_in(chain, "cut", "somebody has kept a later head: the end was cut off", beyond[0])
        for (author, incarnation), kept in self.elsewhere.heads.items():
            lost = [number for number, at in kept if self.since <= at < latest]
            if lost and (author, incarnation) not in self.by_name:
                self.add("cut", "somebody has kept a head of a chain that the file does not have", author=author, incarnation=incarnation,
                         number=lost[0])
        return {"ok": self.count == 0, "authority": self.authority.fingerprint,
                "authorities": [one.fingerprint for one in self.authority.accepted], "trusted": self.authority_pem is not None,
                **self.counts, "recordsChecked": self.checked, "chains": [chain.result for chain in self.chains],
                "problems": [problem for _, problem in self.first_problems()], "problemCount": self.count}


def ending(kind, data):
    """What an end says, by the fields of a record."""
    said = {name: data.get(name) for name in ("endReason", "message", "durationMs", "endedAt")}
    if kind != "closed":
        return {**said, **dict(zip(CLOSED, (0, 0, "exact", None, None))), "agentBytesUp": None, "agentBytesDown": None,
                "countsDiffer": False, "repeats": data.get("repeats"), "outcome": kind}
    agent = {"agentBytesUp": "agent.bytesUp", "agentBytesDown": "agent.bytesDown"}
    return {**said, **{name: data.get(name) for name in CLOSED}, **{name: member(data, path) for name, path in agent.items()},
            "countsDiffer": bool(member(data, "agent.differs")), "repeats": 1,
            "outcome": "failed" if data.get("endReason") in LOST else "completed"}


def canonical(value):
    return json.dumps(plain(value), sort_keys=True)


# The command

def show(file, result):
    print(f"{plain(file)}: {result['facts']} facts, {result['records']} records, authority {result['authority']}")
    for chain in result["chains"]:
        state = "complete" if chain["complete"] else "NOT complete"
        print(f"  {state} for {plain(chain['name'] or chain['author'])}, numbers {chain['from']} to {chain['to']}, "
              f"until {chain['until'] or 'unknown: it is not signed'}, {chain['unsigned']} facts not signed")
        if chain["dropped"]:
            print(f"    numbers 1 to {chain['dropped']['through']} were dropped by retention until {chain['dropped']['at']}")
    for problem in result["problems"]:
        print(f"{problem['code']}: {problem['message']} ({problem.get('author', '-')}, number {problem.get('number', '-')})")
    if not result["trusted"]:
        print("  the authority is that of the file: compare it with one that you have from elsewhere")
    print("Nothing is wrong." if result["ok"] else "Something is WRONG.")


def main():
    parser = argparse.ArgumentParser(description="Verifies exports of the audit service offline.")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--authority", help="the authority's certificate (PEM)")
    parser.add_argument("--heads", action="append", default=[],
                        help="signed heads that somebody else has kept: one fact a line, or lines of an export destination (.gz too)")
    parser.add_argument("files", nargs="+")
    options = parser.parse_args()
    results, elsewhere = [], Elsewhere()
    try:
        authority = Path(options.authority).read_text("utf-8", "replace") if options.authority else None
        for file in options.heads:
            elsewhere.read_heads(file)
        for file in options.files:
            with tempfile.TemporaryDirectory() as folder, open(file, "rb") as stream:
                results.append(Verifier(authority, elsewhere, len(options.files) > 1, folder).read(stream))
    except (NotAnExport, OSError) as error:
        print(f"verify_export: {plain(str(error))}", file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps(results[0] if len(results) == 1 else results))
    else:
        for file, result in zip(options.files, results):
            show(file, result)
    return 0 if all(result["ok"] for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
