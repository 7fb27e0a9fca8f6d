"""What GitLab reads into text (https://docs.gitlab.com/user/markdown/).

It looks for references and inline diffs in the texts of the HTML outside of `pre`, `code` and `a`
(lib/banzai/filter/references/reference_filter.rb), so that a code span takes them away. It has no
redirect that leaves no back-reference, so links to the instance itself become text. Quick actions
are lines that start with a slash, and none are written for any forge.
"""

import re

from qatech_ci.before.markdown.flavour import REST_OF_URL, Flavour

# Titles of labels, milestones and iterations have at most 255 characters. What may hold spaces is
# taken whole if it is closed and fits a table's cell; if not, what starts it is enough. `%` starts
# a milestone only if a letter or digit follows before a space: `50%` and `(50%),` stay text.
_WORD = r"""
    (?: [~%]"[^"|\s][^"|]{0,254}"
      | [%$]\{[^{}|\s]{0,99}\}
      | %(?=["{]|[^\s"]{0,254}\w)
      | \*?iteration:(?:"[^"|]{0,254}")?
      | \["?[a-z_]{1,20}:(?!\s)(?:[^\[\]|]{0,254}\])?
      | \[\[(?:[^\[\]|]{0,254}\]\])?
      | [\[{][+-](?:[^\[\]{}|]{0,254}[+-][\]}])?
      | ;;;
      | [A-Za-z0-9_@#/.+$!&~^:?-]
    )+
    """

# The patterns are app/models/*.rb's `reference_pattern`, lib/gitlab/regex.rb's
# `jira_issue_key_regex` and lib/banzai/filter's, made wider where they differ between versions.
# GitLab comments on the Jira issue that is mentioned; the prefixes left out name standards.
# A commit's SHA may be all letters, or, to older versions, stand within a word.
_LIVE = r"""
      @(?!\s)
    | [#!&]\d
    | ~[^\s~]
    | \$(?!\s)                          # math, and snippets
    | [%\[{*;](?=.)                     # in a word only if live; `;;;` starts front matter
    | /[\w.-]*(?=>)                     # `group/project>`
    | ://
    | iteration:(?!\s)                   # a star may be left of emphasis that did not pair
    | (?<![A-Z0-9])GL-\d
    | (?<![A-Z0-9_])(?!(?:CVE|CWE|ISO|RFC|SHA|UTF|WCAG)-)(?-i:[A-Z][A-Z0-9_]+-\d)
    | (?<![A-Z0-9])[A-F0-9]{7,40}(?![A-Z0-9])
    | (?=[A-F]{0,6}[0-9])[A-F0-9]{7}
    | [A-F0-9]{7}\.{2,3}[A-F0-9]{7}      # a range of commits, within a word too
    | (?<![A-Z])TOC(?![A-Z])            # alone in emphasis or brackets, a table of contents
    """

# Languages of code, which are coloured. GitLab draws others: math, mermaid, plantuml and whatever
# the instance's Kroki knows; `suggestion` offers a commit (lib/gitlab/kroki.rb,
# lib/banzai/filter/{math,mermaid,plantuml,suggestion}_filter.rb).
_INERT = r"""
    apache | awk | bash | bat | batch | c | c[#] | c[+][+] | cfg | clojure | cmake | cmd
    | coffeescript | conf | console | cpp | cs | csharp | css | csv | cucumber | curl | dart
    | diff | docker | dockerfile | dotenv | elixir | elm | env | erb | erlang | f[#] | feature
    | fsharp | gherkin | go | golang | gql | graphql | groovy | haml | handlebars | haskell | hcl
    | html | http | ini | java | javascript | js | json | json5 | jsonc | jsonl | jsx | julia
    | kotlin | kt | less | liquid | log | lua | make | makefile | markdown | md | nginx | nix
    | objective-c | objectivec | ocaml | output | patch | perl | php | plain | plaintext
    | powershell | prisma | prolog | properties | proto | protobuf | ps1 | py | python | python3
    | r | rb | regex | ruby | rust | rs | sass | scala | scheme | scss | sed | sh | shell | sql
    | svelte | swift | terraform | text | tf | toml | ts | tsx | twig | txt | typescript | vb
    | vim | vue | xml | yaml | yml | zsh
    """

GITLAB = Flavour(
    host="gitlab.com",
    word=re.compile(_WORD, re.VERBOSE | re.IGNORECASE),
    live=re.compile(_LIVE, re.VERBOSE | re.IGNORECASE),
    # Any scheme makes a link (lib/banzai/filter/autolink_filter.rb).
    url=re.compile(
        rf"[a-z][a-z0-9+.-]{{1,31}}://{REST_OF_URL}|(?<![a-z0-9])www\.{REST_OF_URL}",
        re.IGNORECASE,
    ),
    # lib/banzai/filter/placeholders_post_filter.rb; two dollar signs make math of what is between
    # them, a link's syntax too.
    barred=re.compile(r"%(?:25)?(?:\{|%7b)|\$", re.IGNORECASE),
    inert=re.compile(_INERT, re.VERBOSE | re.IGNORECASE),
    # lib/banzai/filter/table_of_contents_tag_filter.rb
    macros=frozenset({"[toc]"}),
    wikilinks=True,
    labels=True,
)
