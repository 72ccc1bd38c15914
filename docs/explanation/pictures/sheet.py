"""A sheet to draw on: the shapes, words and colors of the design language as SVG."""

from xml.sax.saxutils import escape

WIDTH = 680
# The tokens of the design language, light and dark.
STYLE = """
svg{--surface:#fff;--sunken:#f1efe8;--ink:#18221f;--muted:#535e5a;--line:#e1ddd3;--axis:#6b746f;--accent:#0c5a69;--band:#fbe7bd;--attend:#6f4400;--g1:#1b73dc;--g2:#905219;font:15px 'Source Sans 3',sans-serif}
@media(prefers-color-scheme:dark){svg{--surface:#192120;--sunken:#212a29;--ink:#e9ede9;--muted:#a8b3ae;--line:#303b39;--axis:#95a19c;--accent:#86cdd6;--band:#4a3a16;--attend:#f2c670;--g1:#498efa;--g2:#f29241}}
text{fill:var(--ink)}.muted{fill:var(--muted)}.on{fill:var(--surface)}.surface{fill:var(--surface)}.sunken{fill:var(--sunken)}.band{fill:var(--band)}
.g1{fill:var(--g1)}.g2{fill:var(--g2)}.accent{fill:var(--accent)}.attend{fill:var(--attend)}.strong{font-weight:600}
.axis,.rule,.tie,.far{fill:none;stroke:var(--axis);stroke-width:1.5}.rule{stroke:var(--attend);stroke-dasharray:5 4}.tie{stroke:var(--ink);stroke-width:2}.far{stroke:var(--accent);stroke-width:3}
.sheet{stroke:var(--line)}.open{fill:none;stroke:var(--axis);stroke-width:1.5}.reach{stroke:var(--accent);stroke-width:3;fill:none}
""".replace("\n", "")


class Picture:
    """Shapes on a sheet. title: what the picture says; description: the same for those who do not see it."""

    def __init__(self, height, *, title, description):
        self.height, self.title, self.description, self.parts = height, title, description, []

    def text(self, x, y, words, kind="", *, anchor="start"):
        self.parts.append(
            f'<text x="{x:g}" y="{y:g}" class="{kind}" text-anchor="{anchor}">{escape(str(words))}</text>'
        )

    def box(self, x, y, width, height, kind):
        self.parts.append(
            f'<rect x="{x:.4g}" y="{y:.4g}" width="{width:.4g}" height="{height:.4g}" rx="3" class="{kind}"/>'
        )

    def line(self, x, y, to_x, to_y, kind="axis"):
        self.parts.append(f'<path d="M{x:.4g} {y:.4g}L{to_x:.4g} {to_y:.4g}" class="{kind}"/>')

    def dot(self, x, y, kind="g1", *, radius=6):
        self.parts.append(f'<circle cx="{x:.4g}" cy="{y:.4g}" r="{radius}" class="{kind}"/>')

    def diamond(self, x, y, kind="accent"):
        self.parts.append(f'<path d="M{x - 8:.4g} {y:.4g}l8 -8 8 8 -8 8z" class="{kind}"/>')

    def svg(self):
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {self.height}" role="img">'
            f"<title>{escape(self.title)}</title><desc>{escape(self.description)}</desc><style>{STYLE}</style>"
            f'<rect width="{WIDTH}" height="{self.height}" rx="12" class="surface sheet"/>\n'
            + "\n".join(self.parts)
            + "\n</svg>\n"
        )
