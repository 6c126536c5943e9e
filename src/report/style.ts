/** The look of the page: light and dark, narrow and wide, screen and print. Pictures are turned dark with the page. */
export const STYLE = `
:root{color-scheme:light dark;--paper:#fff;--ground:#f3f5f8;--ink:#1d2733;--soft:#566272;--line:#dfe4ea;--accent:#0072b2;--bar:#cfe5f2;--best:#0b5c8a}
@media(prefers-color-scheme:dark){:root{--paper:#171d25;--ground:#0e1319;--ink:#e4eaf1;--soft:#9aa8b8;--line:#2c3642;--accent:#5bb4e8;--bar:#1d4159;--best:#8fd0f5}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif}
main,header,footer{max-width:1240px;margin:0 auto;padding:0 24px}
header{padding-top:36px}
h1{font-size:30px;line-height:1.2;margin:0 0 4px;letter-spacing:-.01em;overflow-wrap:anywhere}
h2{font-size:19px;margin:40px 0 12px;scroll-margin-top:12px}
h3{font-size:15px;margin:0 0 4px;overflow-wrap:anywhere}
p{margin:0 0 8px}
.soft,caption,figcaption,footer{color:var(--soft)}
nav{display:flex;flex-wrap:wrap;gap:4px 18px;margin:14px 0 0}
a{color:var(--accent);text-underline-offset:3px}
a:focus-visible,summary:focus-visible,.scroll:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.skip{position:absolute;left:-9999px}
.skip:focus{left:12px;top:8px;background:var(--paper);padding:6px 12px}
.card{background:var(--paper);border:1px solid var(--line);border-radius:10px;padding:16px 18px}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;margin:24px 0 0;padding:0}
.facts div{background:var(--paper);border:1px solid var(--line);border-radius:10px;padding:12px 16px}
.facts dt{color:var(--soft);font-size:13px}
.facts dd{margin:0;font-size:20px;hyphens:auto;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.facts small{display:block;font-size:13px;color:var(--soft)}
.scroll{overflow-x:auto}
table.numbers{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:14px}
.numbers caption{text-align:left;padding-bottom:8px;font-size:14px}
.numbers th,.numbers td{padding:7px 10px;text-align:right;border-bottom:1px solid var(--line)}
.numbers thead th{font-weight:600;font-size:13px;color:var(--soft);vertical-align:bottom}
.numbers th:first-child,.numbers td.text{text-align:left}
.numbers tbody th{font-weight:600;overflow-wrap:anywhere;min-width:150px}
.numbers tbody tr:last-child>*{border-bottom:0}
.numbers td.share{background:linear-gradient(to right,var(--bar) var(--part),transparent var(--part)) no-repeat 6px 100%/calc(100% - 12px) 3px}
.numbers td{white-space:nowrap}
.numbers .best{font-weight:700;color:var(--best)}
.numbers .best::before{content:"★ ";font-size:11px}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,520px),1fr));gap:16px}
figure{margin:0;min-width:0}
figure.wide{grid-column:1/-1}
figcaption{font-size:14px;margin-bottom:12px}
figcaption strong{display:block;font-size:16px;color:var(--ink)}
figure svg{display:block;max-width:100%;height:auto;margin:0 auto}
figure svg>rect:first-child{fill:none}
@media(prefers-color-scheme:dark){figure svg,.model .treeline-estimator{filter:invert(1) hue-rotate(180deg)}}
details>summary{cursor:pointer;color:var(--accent)}
.models{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,360px),1fr));gap:16px;align-items:start}
.model{overflow-x:auto}
footer{padding-top:32px;padding-bottom:48px;font-size:13px}
@media print{
:root{--paper:#fff;--ground:#fff;--ink:#000;--soft:#444;--line:#ccc;--accent:#00507d;--bar:#cfe5f2;--best:#00507d}
body{font-size:11px}nav,.skip{display:none}main,header,footer{max-width:none;padding:0}header{padding-top:0}
figure svg,.model .treeline-estimator{filter:none}
.card,.facts div{border-radius:0}figure,.model,tr,.facts div{break-inside:avoid}h2{break-after:avoid}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}
details::details-content{content-visibility:visible;height:auto}
.scroll{overflow:visible}.numbers{font-size:10px}.numbers th,.numbers td{padding:3px 5px}.numbers tbody th{min-width:0}
}`;
