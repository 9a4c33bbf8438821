"""The hook of mkdocs.yml: which pages the site has, in which order, and where their links lead.

docs/README.md lists the pages, and the navigation is that list. A directory that it names by its README.md stands for all
pages of the directory. Pages above docs are on the site if the list has them; data in docs is not.
"""

import pathlib
import posixpath
import re

from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
INDEX = (ROOT / "docs/README.md").read_text()
LINK = re.compile(r"\[([^\[\]]*)\]\(([^)\s#]+)(#[^)\s]*)?\)")
# Pages above docs by their paths on the site, where docs/README.md has the name README.md.
ABOVE = {
    ("overview.md" if name == "README.md" else name.lower()): name
    for name in re.findall(r"\]\(\.\./([^)/]+\.md)\)", INDEX)
}


def source(page):
    """Where a page of the site is in the repository."""
    return ABOVE.get(page, f"docs/{page}")


SITE = {name: page for page, name in ABOVE.items()}


def page_at(path):
    """Which page of the site a path of the repository is, if it is one."""
    if (ROOT / path / "README.md").is_file():
        path = f"{path}/README.md"
    if path.startswith("docs/") and path.endswith(".md"):
        return path.removeprefix("docs/")
    return SITE.get(path)


# What the list calls a page.
TITLES = {
    page_at(posixpath.normpath(f"docs/{path}")): title.replace("`", "")
    for title, path in re.findall(r"(?m)^- \[([^\[\]]*)\]\(([^)]*)\)", INDEX)
}


def siblings(page):
    """The other pages of a directory with a README.md."""
    folder = (ROOT / source(page)).parent
    return [f"{folder.name}/{path.name}" for path in sorted(folder.glob("*.md")) if path.name != "README.md"]


def on_config(config):
    nav = [{"Contents": "README.md"}]
    for line in INDEX.splitlines():
        if heading := re.match(r"(##+) (.*)", line):
            place = []
            # A heading below another is a group of its section.
            (nav if heading[1] == "##" else section).append({heading[2]: place})
            if heading[1] == "##":
                section = place
        elif entry := re.match(r"- " + LINK.pattern, line):
            page = page_at(posixpath.normpath(f"docs/{entry[2]}"))
            place.append({TITLES[page]: [page, *siblings(page)] if page.endswith("/README.md") else page})
    config["nav"] = nav
    return config


def listed(nav):
    for entry in nav:
        if isinstance(entry, str):
            yield entry
        else:
            for value in entry.values():
                yield from [value] if isinstance(value, str) else listed(value)


def on_files(files, config):
    # What the theme brings is among the files, too.
    docs = config["docs_dir"]
    for file in [file for file in files if file.abs_src_path.startswith(docs) and not file.is_documentation_page()]:
        files.remove(file)
    for page, name in ABOVE.items():
        file = File(page, docs, config["site_dir"], config["use_directory_urls"])
        file.abs_src_path = str(ROOT / name)
        files.append(file)
    missing = {file.src_uri for file in files.documentation_pages()} - set(listed(config["nav"]))
    if missing:
        raise PluginError(f"docs/README.md does not list {', '.join(sorted(missing))}")
    return files


def on_page_markdown(markdown, page, config, files):
    own = page.file.src_uri

    def follow(link):
        text, path, anchor = link[1], link[2], link[3] or ""
        if re.match(r"[a-z]+:", path):
            return link[0]
        path = posixpath.normpath(posixpath.join(posixpath.dirname(source(own)), path))
        target = page_at(path)
        if target:
            # Readers of the site see no file names.
            if text.endswith(".md"):
                text = TITLES.get(target, text)
            return f"[{text}]({posixpath.relpath(target, posixpath.dirname(own) or '.')}{anchor})"
        # The site has no sources; a link to nothing stays, and mkdocs refuses it.
        return text if (ROOT / path).exists() else link[0]

    parts = markdown.split("```")
    parts[::2] = [LINK.sub(follow, part) for part in parts[::2]]
    # A table's `a\|b` is `a|b`: mkdocs would show the backslash.
    parts[::2] = [re.sub(r"`[^`\n]*`", lambda code: code[0].replace("\\|", "|"), part) for part in parts[::2]]
    # The first word is the language; others are for those who walk the tutorial.
    parts[1::2] = [re.sub(r"\A(\w+) .*", r"\1", part) for part in parts[1::2]]
    markdown = "```".join(parts)
    if own.endswith("/README.md"):
        for other in siblings(own):
            name = posixpath.basename(other)
            if f"]({name})" not in markdown:
                title = (ROOT / source(other)).read_text().splitlines()[0].removeprefix("# ")
                markdown += f"\n- [{title}]({name})"
    return markdown
