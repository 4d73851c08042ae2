namespace Vt.Hosts.HttpServer;

/// <summary>How pages look. They have no scripts, nothing is loaded from elsewhere, and they follow what the reader's system says of light and dark.</summary>
static class PageStyle
{
    /// <summary>The style sheet.</summary>
    public const string Sheet =
        """
        :root{--bg:#fbfaf8;--card:#fff;--ink:#1d1f23;--dim:#666b74;--line:#e4e1dc;--link:#0b57a4;--hover:#f2efe9;--accent:#b4541a;--code:#f4f1ec}
        @media (prefers-color-scheme:dark){:root{--bg:#16181c;--card:#1d2025;--ink:#e6e6e3;--dim:#9aa0aa;--line:#2e3238;--link:#82b7f0;--hover:#262a30;--accent:#f0a068;--code:#22262c}}
        *{box-sizing:border-box}
        html{-webkit-text-size-adjust:100%}
        body{margin:0 auto;max-width:72rem;padding:0 1.25rem 3rem;background:var(--bg);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
        a{color:var(--link);text-decoration:none}
        a:hover{text-decoration:underline}
        a:focus-visible,tr:focus-within{outline:2px solid var(--accent);outline-offset:2px;border-radius:3px}
        .skip{position:absolute;left:-99rem}
        .skip:focus{left:1rem;top:.5rem;background:var(--card);padding:.25rem .75rem}
        header{padding:1rem 0 .5rem}
        .crumbs{list-style:none;display:flex;flex-wrap:wrap;gap:.15rem .1rem;margin:0;padding:0;font-size:1.05rem}
        .crumbs li{overflow-wrap:anywhere}
        .crumbs li+li::before{content:"/";color:var(--dim);margin:0 .35rem}
        .crumbs [aria-current]{font-weight:600}
        .home{font-weight:700;color:var(--accent)}
        h1{font-size:1.4rem;margin:.5rem 0 1rem;overflow-wrap:anywhere}
        h2{font-size:1.1rem;margin:2rem 0 .5rem}
        .bar{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;color:var(--dim);font-size:.9rem;margin:.25rem 0 .75rem}
        .card{background:var(--card);border:1px solid var(--line);border-radius:.6rem;overflow:hidden;margin:0 0 1rem}
        .pad{padding:.8rem 1rem}
        table{width:100%;border-collapse:collapse}
        th{text-align:left;font-weight:600;font-size:.85rem;color:var(--dim);padding:.5rem 1rem;border-bottom:1px solid var(--line)}
        th a{color:inherit}
        td{padding:.35rem 1rem;border-top:1px solid var(--line);vertical-align:top}
        tbody tr:first-child td{border-top:0}
        tbody tr:hover{background:var(--hover)}
        td.name{width:100%;overflow-wrap:anywhere}
        td.folder:not(.name){white-space:nowrap}
        .num{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
        .when,.mode{white-space:nowrap;color:var(--dim)}
        .mode:is(td),code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.85rem}
        .dim{color:var(--dim)}
        .icon{width:1.1em;height:1.1em;vertical-align:-.18em;margin-right:.5em;color:var(--dim);fill:currentColor}
        .folder{color:var(--accent)}
        .folder .icon{color:var(--accent)}
        .message{white-space:pre-wrap;overflow-wrap:anywhere;margin:0 0 .4rem;font-size:1.02rem}
        .tag{display:inline-block;border:1px solid var(--line);border-radius:1rem;padding:0 .6rem;font-size:.8rem;color:var(--dim);background:var(--code)}
        .pages{display:flex;gap:1rem;justify-content:space-between;margin:1rem 0}
        .pages a{padding:.4rem 1rem;border:1px solid var(--line);border-radius:.5rem;background:var(--card)}
        pre{margin:0;padding:1rem;overflow:auto;white-space:pre-wrap;overflow-wrap:anywhere;line-height:1.45}
        dl{display:grid;grid-template-columns:max-content 1fr;gap:.3rem 1.25rem;margin:0}
        dt{color:var(--dim)}
        dd{margin:0;overflow-wrap:anywhere}
        footer{color:var(--dim);font-size:.8rem;margin-top:2rem;border-top:1px solid var(--line);padding-top:.75rem}
        @media (max-width:40rem){body{padding:0 .75rem 2rem}td,th{padding:.4rem .5rem}.mode{display:none}.when{font-size:.85rem}dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.5rem}}
        @media print{header nav a,footer{color:inherit}.skip{display:none}}

        """;

    /// <summary>The sheet of icons, which shows nothing by itself.</summary>
    public const string Icons =
        """
        <svg width=0 height=0 style="position:absolute" aria-hidden=true>
        <symbol id=folder viewBox="0 0 20 20"><path d="M2 5a2 2 0 0 1 2-2h3.6a2 2 0 0 1 1.4.6L10.400 5H16a2 2 0 0 1 2 2v8a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2z"/></symbol>
        <symbol id=file viewBox="0 0 20 20"><path d="M5 2a2 2 0 0 0-2 2v12a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2V7l-5-5zm6.500 1.500V7.500h4V16a.5.5 0 0 1-.5.5H5a.5.5 0 0 1-.5-.5V4a.5.5 0 0 1 .5-.5z" fill-rule="evenodd"/></symbol>
        <symbol id=link viewBox="0 0 20 20"><path d="M11 3l6 6-6 6v-4c-4 0-6.500 1.500-8 5 0-5.500 3-9 8-9.500z"/></symbol>
        <symbol id=special viewBox="0 0 20 20"><path d="M10 2l7 4v8l-7 4-7-4V6zm0 2.300L5.600 6.800 10 9.300l4.400-2.500zM4.800 8.500v4.600l4.300 2.500v-4.700z" fill-rule="evenodd"/></symbol>
        <symbol id=volume viewBox="0 0 20 20"><path d="M10 2c4.400 0 7 1.300 7 3s-2.600 3-7 3-7-1.300-7-3 2.600-3 7-3zM3 7.500C4.400 8.900 7 9.500 10 9.500s5.600-.6 7-2V10c0 1.700-2.600 3-7 3s-7-1.300-7-3zM3 12.500c1.400 1.400 4 2 7 2s5.600-.6 7-2V15c0 1.700-2.600 3-7 3s-7-1.300-7-3z"/></symbol>
        </svg>

        """;
}
