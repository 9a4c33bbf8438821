"""Manifests with right ids, made without particle-compile: what an attacker would write by hand."""

import base64
import calendar
import hashlib
import io
import json
import pathlib
import re
import tarfile
import time


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def canonical(value):
    """The canonical JSON that ids are computed over (docs/manifest.md)."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "surrogatepass")


def versions():
    """The version of each stage's contract, as its source says."""
    found = {}
    for path in (pathlib.Path(__file__).parent.parent.parent / "Sources/StageBins").glob("*/*.swift"):
        text = path.read_text()
        name = re.search(r'static let name = "([^"]+)"', text)
        version = re.search(r"static let version = (\d+)", text)
        if name and version:
            found[name[1]] = int(version[1])
    return found


VERSIONS = versions()


class Manifest:
    def __init__(self, epoch="2023-11-14T22:13:20Z"):
        self.value = {
            "version": 1, "generator": {}, "recipe": {"name": "attack", "digest": digest(b"attack")},
            "architecture": "amd64", "epoch": epoch, "sources": {}, "pipelines": [], "exports": {},
        }
        self.ids = {}

    def inline(self, data, name=None):
        """A source that is in the manifest; gives its digest."""
        key = digest(data)
        self.value["sources"][key] = {
            "name": key[7:] if name is None else name, "inline": base64.b64encode(data).decode()}
        return key

    def download(self, key, size, urls, name="w"):
        """A source that is fetched; gives its digest."""
        self.value["sources"][key] = {"name": name, "size": size, "urls": urls}
        return key

    def pipeline(self, name, *stages, base=None):
        entry = {"name": name, "stages": []}
        if base is not None:
            entry["base"] = "name:" + base
        previous = self.ids.get(base)
        epoch = calendar.timegm(time.strptime(self.value["epoch"], "%Y-%m-%dT%H:%M:%SZ"))
        for stage in stages:
            stage = {"inputs": {}, "version": VERSIONS.get(stage["type"], 1), **stage}
            inputs = {}
            for key, value in stage["inputs"].items():
                if "sources" in value:
                    inputs[key] = {"sources": [
                        [source, self.value["sources"].get(source, {"name": ""})["name"]]
                        for source in value["sources"]]}
                else:
                    inputs[key] = {"pipeline": self.ids.get(value["pipeline"][5:])}
            facts = {
                "architecture": self.value["architecture"], "build": None, "epoch": epoch, "inputs": inputs,
                "options": stage["options"], "previous": previous, "type": stage["type"],
                "version": stage["version"]}
            stage.setdefault("id", digest(canonical(facts)))
            previous = stage["id"]
            entry["stages"].append(stage)
        self.value["pipelines"].append(entry)
        self.ids[name] = previous
        return self

    def export(self, name, pipeline, path):
        self.value["exports"][name] = {"pipeline": pipeline, "path": path}
        return self

    @property
    def text(self):
        return (json.dumps(self.value, indent=2, sort_keys=True) + "\n").encode()


def tar(*entries):
    """A plain archive of (name, kind, content or target) with kinds f, d, l (symbolic) and h (hard link)."""
    buffer = io.BytesIO()
    kinds = {"d": tarfile.DIRTYPE, "l": tarfile.SYMTYPE, "h": tarfile.LNKTYPE, "p": tarfile.FIFOTYPE}
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, kind, data in entries:
            info = tarfile.TarInfo(name)
            info.mtime, info.mode = 1_000_000_000, 0o644 if kind == "f" else 0o755
            if kind == "f":
                info.size = len(data.encode())
                archive.addfile(info, io.BytesIO(data.encode()))
                continue
            info.type, info.linkname = kinds[kind], data
            archive.addfile(info)
    return buffer.getvalue()


def tree(manifest, *layers):
    """The stage that makes a tree of container layers."""
    keys = [manifest.inline(layer) for layer in layers]
    return {"type": "container.root", "options": {"layers": [key[7:] for key in keys]},
            "inputs": {"layers": {"sources": sorted(set(keys))}}}
