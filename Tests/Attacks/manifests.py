"""Hostile manifests: names, paths, references, sources, and texts that are no manifest."""

import json

from manifest import Manifest, digest, tar, tree

SECRET = b"SECRET\n"


def base():
    manifest = Manifest()
    return manifest.pipeline("p", tree(manifest, tar(
        ("etc", "d", ""), ("etc/hostname", "f", "x\n"), ("big", "f", "hello"))))


def fetching(urls, size=len(SECRET), key=digest(SECRET)):
    manifest = Manifest()
    source = manifest.download(key, size, urls)
    stage = {"type": "container.root", "options": {"layers": ["w"]},
             "inputs": {"layers": {"sources": [source]}}}
    return manifest.pipeline("q", stage).export("o", "q", "/")


def inlined(text):
    manifest = base()
    key = "sha256:" + "1" * 64
    manifest.value["sources"][key] = {"name": "w", "inline": text}
    stage = {"type": "container.root", "options": {"layers": ["w"]},
             "inputs": {"layers": {"sources": [key]}}}
    return manifest.pipeline("q", stage).export("o", "q", "/")


def attacks():
    """Gives (name, what is tried, exit status, the manifest's bytes)."""
    def one(name, tries, status, manifest):
        return name, tries, status, manifest if isinstance(manifest, bytes) else manifest.text

    for name, tries, status, export in [
        ("up", "an output's name leads out of its directory", 2, "../x"),
        ("absolute", "an output's name is an absolute path", 2, "/tmp/x"),
        ("mark", "a slash hidden by a combining mark", 2, "../\u0301evil"),
        ("dot", "an output is called `.`", 2, "."),
        ("dots", "an output is called `..`", 2, ".."),
        ("empty", "an output has no name", 2, ""),
        ("nul", "a NUL in an output's name", 2, "a\0b"),
        ("newline", "a newline in an output's name", 2, "a\nb"),
        ("escape", "an escape sequence in an output's name", 2, "a\x1b[31mb"),
        ("c1", "a C1 control character in an output's name", 2, "a\x9b31mb"),
        ("bidi", "an output's name that reads backwards", 2, "a\u202egpj.exe"),
        ("long", "an output's name of 300 bytes", 2, "x" * 300),
        ("sums", "an output takes the place of SHA256SUMS", 2, "SHA256SUMS"),
        ("longest", "an output's name of 255 bytes", 0, "y" * 255),
        ("dash", "an output's name looks like an option", 0, "-rf"),
        ("backslash", "an output's name has a backslash", 0, "a\\b"),
    ]:
        yield one("output-" + name, tries, status, base().export(export, "p", "/big"))
    manifest = base().export("a", "p", "/").export("a.listing", "p", "/big")
    yield one("output-listing", "an output takes the place of another one's listing", 2, manifest)

    for name, tries, status, path in [
        ("up", "an output is taken from above its tree", 2, "/../../../etc/hostname"),
        ("relative", "an output's path is relative", 2, "etc/hostname"),
        ("inner", "`..` in the middle of an output's path", 2, "/etc/../big"),
        ("mark", "`..` behind a slash with a combining mark", 2, "/x/../\u0301/../etc/hostname"),
        ("listing", "an output reaches a layer's own listing", 2, "/../\u0301listing"),
        ("directory", "an output is a directory", 1, "/etc"),
        ("missing", "an output that is not in the tree", 1, "/nope"),
    ]:
        yield one("path-" + name, tries, status, base().export("o", "p", path))
    for name, tries, entries, path in [
        ("link", "an output is a link to the host's /etc/shadow", [("x", "l", "/etc/shadow")], "/x"),
        ("through", "an output lies behind a link to the host's /etc", [("d", "l", "/etc")], "/d/shadow"),
        ("pipe", "an output is a named pipe", [("a", "p", "")], "/a"),
    ]:
        manifest = Manifest()
        yield one("path-" + name, tries, 1,
                  manifest.pipeline("p", tree(manifest, tar(*entries))).export("o", "p", path))

    manifest = base().export("o", "p", "/big")
    manifest.value["pipelines"][0]["stages"][0]["id"] = "sha256:" + "0" * 64
    yield one("id", "a stage is not what its id says", 2, manifest)
    yield one("reference-self", "a pipeline stands on itself", 2,
              base().pipeline("q", base="q").export("o", "q", "/big"))
    manifest = base()
    manifest.value["pipelines"].insert(0, {"name": "z", "base": "name:p", "stages": []})
    yield one("reference-later", "a pipeline stands on a later one", 2, manifest.export("o", "z", "/big"))
    manifest = base().export("o", "p", "/big")
    manifest.value["pipelines"] *= 2
    yield one("reference-twice", "two pipelines have one name", 2, manifest)
    for name, tries, pipeline in [
        ("newline", "a pipeline's name is a shell command", "t\ntouch /tmp/pwned\n#"),
        ("escape", "a pipeline's name clears the screen", "t\x1b[2J\x1b]0;owned\x07"),
    ]:
        manifest = Manifest()
        yield one("pipeline-" + name, tries, 2,
                  manifest.pipeline(pipeline, tree(manifest, tar(("a", "f", "x")))).export("o", pipeline, "/a"))

    for name, tries, kind in [
        ("path", "a stage's type is a path", "../../../bin/sh"), ("dots", "a stage's type is `..`", ".."),
        ("absolute", "a stage's type is an absolute path", "/bin/sh"), ("nul", "a NUL in a stage's type", "script\0x"),
        ("mark", "a slash with a combining mark in a stage's type", "tar.product/\u0301x"),
        ("empty", "a stage has no type", ""),
    ]:
        yield one("type-" + name, tries, 2,
                  base().pipeline("q", {"type": kind, "options": {}}).export("o", "q", "/big"))
    for name, tries, label in [
        ("dots", "an input is called `..`", ".."), ("path", "an input's name is a path", "../x"),
        ("newline", "a newline in an input's name", "a\nb"),
        ("mark", "a slash with a combining mark in an input's name", "../\u0301x"),
        ("shell", "an input's name is a shell command", "a' ;touch /tmp/pwned;'"),
    ]:
        manifest = Manifest()
        source = manifest.inline(b"x", "x")
        stage = {"type": "tar", "options": {"file": "/x.tar"}, "inputs": {label: {"sources": [source]}}}
        yield one("input-" + name, tries, 2, manifest.pipeline("p", stage).export("o", "p", "/x.tar"))
    for name, tries, label in [
        ("path", "a source is to be written to /etc/cron.d", "../../../../etc/cron.d/x"),
        ("absolute", "a source's name is an absolute path", "/tmp/x"),
        ("mark", "a slash with a combining mark in a source's name", "../\u0301x"),
        ("nul", "a NUL in a source's name", "a\0b"), ("long", "a source's name of 300 bytes", "i" * 300),
    ]:
        manifest = Manifest()
        source = manifest.inline(b"x", label)
        stage = {"type": "script", "options": {"script": ""}, "inputs": {"i": {"sources": [source]}}}
        yield one("source-" + name, tries, 2, manifest.pipeline("p", stage).export("o", "p", "/x.tar"))

    for name, tries, text in [
        ("digest", "an inline source is not what its digest says", "AAAA"),
        ("letters", "an inline source is not base64", "!!!!"),
        ("padding", "an inline source is nothing but padding", "===="),
        ("empty", "an inline source is empty and its digest another one's", ""),
    ]:
        yield one("inline-" + name, tries, 2, inlined(text))

    for name, tries, url in [
        ("zero", "a download that never ends", "file:///dev/zero"),
        ("gopher", "a URL that speaks to another service", "gopher://127.0.0.1:9/_GET%20/"),
        ("dict", "a URL of the dictionary protocol", "dict://127.0.0.1:9/x"),
        ("scp", "a URL that starts ssh", "scp://127.0.0.1/x"),
        ("option", "a URL that looks like an option", "-o/tmp/x"),
        ("header", "a URL that adds a header", "http://127.0.0.1:9/a\r\nX-Evil: 1\r\n"),
        ("empty", "an empty URL", ""), ("relative", "a URL that is a path", "etc/passwd"),
        ("login", "a URL with a password in it", "http://bob:hunter2@127.0.0.1:9/x"),
    ]:
        yield one("url-" + name, tries, 2 if name == "login" else 1, fetching([url]))
    # Nothing listens on this port of the loopback interface: what is refused is refused before it is asked.
    yield one("size-negative", "a download of -1 bytes", 2, fetching(["http://127.0.0.1:9/x"], -1))
    manifest = fetching(["file:///nonexistent/x"], 2**63 - 1)
    manifest.value["sources"]["sha256:" + "2" * 64] = {
        "name": "w2", "size": 2**63 - 1, "urls": ["file:///nonexistent/y"]}
    manifest.value["pipelines"] = []
    layers = {"layers": {"sources": sorted(manifest.value["sources"])}}
    manifest.pipeline("q", {"type": "container.root", "options": {"layers": ["w", "w2"]}, "inputs": layers})
    yield one("size-sum", "the sizes of downloads add up to more than a number holds", 2, manifest)

    whole = json.dumps(base().export("o", "p", "/big").value)
    for name, tries, data in [
        ("twice", "a key twice", whole.replace('"version": 1', '"version": 1, "version": 1', 1)),
        ("deep", "100 000 lists in one another", whole[:-1] + ', "x": ' + "[" * 100_000 + "]" * 100_000 + "}"),
        ("fraction", "a fraction for a version", whole.replace('"version": 1', '"version": 1.0', 1)),
        ("huge", "a number of 20 digits", whole.replace('"version": 1', '"version": 99999999999999999999', 1)),
        ("surrogate", "half a surrogate pair", whole.replace('"o"', '"\\ud800"')),
        ("nothing", "an empty file", ""), ("zeros", "a file of zeros", "\0" * 1000),
        ("more", "bytes after the end", whole + "garbage"), ("mark", "a byte order mark", "\ufeff" + whole),
        ("unknown", "a key that nobody knows", whole[:-1] + ', "extra": 1}'),
        ("spelling", "two outputs whose names are two spellings of one letter",
         whole.replace('"exports": {', '"exports": {"\\u00e9": {"pipeline": "p", "path": "/big"}, '
                       '"e\\u0301": {"pipeline": "p", "path": "/etc/hostname"}, ')),
    ]:
        yield one("text-" + name, tries, 2, data.encode())
    yield one("text-utf8", "a name that is not UTF-8", 2, whole.encode().replace(b'"o"', b'"\xff\xfe"'))

    for name, tries, options in [
        ("interpreter", "a script without an interpreter", {"script": "id", "interpreter": [], "environment": {}}),
        ("variable", "a variable's name with an equals sign",
         {"script": "id", "interpreter": ["/bin/sh"], "environment": {"A=B": "c"}}),
        ("option", "an option that the stage does not have", {"script": "id", "surprise": 1}),
    ]:
        yield one("script-" + name, tries, 2,
                  base().pipeline("q", {"type": "script", "options": options}, base="p").export("o", "q", "/big"))
    manifest = base()
    for index in range(3000):
        manifest.pipeline(f"p{index}", base="p" if index == 0 else f"p{index - 1}")
    yield one("many", "3 000 pipelines, each on the one before", 0, manifest.export("o", "p2999", "/big"))
