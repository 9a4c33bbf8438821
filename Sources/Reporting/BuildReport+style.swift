extension BuildReport {
  /// The page's style, light and dark as the reader's system is.
  static let style = """
    :root { --page: #fff; --text: #1c1e21; --soft: #5c6370; --line: #dfe2e6; --bar: #3b6ea5; --hit: #b9c7d6;
      --s0: #cfe0f2; --s1: #d8e8dc; --s2: #f1e3cf; --s3: #e6dcf0; --s4: #f2d9d9; --s5: #dcebea; }
    @media (prefers-color-scheme: dark) {
      :root { --page: #16181b; --text: #e4e6e9; --soft: #9aa2ad; --line: #33373d; --bar: #6ea3dd; --hit: #43505e;
        --s0: #26405c; --s1: #294534; --s2: #54442b; --s3: #41355a; --s4: #573333; --s5: #2b4847; } }
    * { box-sizing: border-box; }
    body { margin: 0 auto; max-width: 64rem; padding: 0 1.5rem 4rem; background: var(--page); color: var(--text);
      font: 16px/1.5 system-ui, sans-serif; }
    header { padding: 2rem 0 1rem; border-bottom: 1px solid var(--line); }
    h1 { margin: 0; font-size: 2rem; } h2 { margin: 2.5rem 0 .75rem; font-size: 1.35rem; }
    h3 { margin: 1.25rem 0 .5rem; font-size: 1rem; }
    header p, .note { margin: .25rem 0; color: var(--soft); }
    nav a { margin-right: 1rem; } a { color: var(--bar); }
    section { overflow-x: auto; }
    table { border-collapse: collapse; width: 100%; font-size: .875rem; }
    th, td { padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line); text-align: left;
      vertical-align: top; }
    th { color: var(--soft); font-weight: 600; }
    td { overflow-wrap: anywhere; } .number { text-align: right; white-space: nowrap; }
    code, pre, .digest { font-family: ui-monospace, monospace; font-size: .8125rem; }
    .digest { overflow-wrap: anywhere; }
    pre { padding: .75rem 1rem; border: 1px solid var(--line); border-radius: 4px; overflow-x: auto; }
    .treemap { width: 100%; height: auto; display: block; }
    .treemap rect { stroke: var(--page); stroke-width: 1.5; } .treemap text { font: 12px system-ui, sans-serif;
      fill: var(--text); }
    .shade0 rect { fill: var(--s0); } .shade1 rect { fill: var(--s1); } .shade2 rect { fill: var(--s2); }
    .shade3 rect { fill: var(--s3); } .shade4 rect { fill: var(--s4); } .shade5 rect { fill: var(--s5); }
    details { margin: .5rem 0; } summary { cursor: pointer; color: var(--soft); }
    .bar { width: 30%; } .bar div { height: .8rem; margin-top: .3rem; min-width: 1px; border-radius: 2px; }
    .run { background: var(--bar); } .hit { background: var(--hit); }
    @media print { nav { display: none; } }
    """
}
