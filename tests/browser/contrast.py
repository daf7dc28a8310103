"""The contrast of buttons, measured from the colours that the browser computed."""

from dataclasses import dataclass

from playwright.sync_api import Page

RATIO_MIN = 4.5  # WCAG 2.2, 1.4.3: text of ordinary size

# Every button that is drawn and can be pressed, with those inside of closed <details>. Colours are
# painted on a canvas, which understands every notation (oklab, color-mix, transparent).
MEASURE = """
() => {
  const pen = Object.assign(document.createElement("canvas"), {width: 1, height: 1})
    .getContext("2d", {willReadFrequently: true});
  const rgba = (colour) => {
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = pen.getImageData(0, 0, 1, 1).data;
    return [red, green, blue, alpha / 255];
  };
  const over = (top, below) =>
    [0, 1, 2].map((part) => top[part] * top[3] + below[part] * (1 - top[3])).concat(1);
  const background = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      layers.push(rgba(getComputedStyle(at).backgroundColor));
      if (layers.at(-1)[3] === 1) break;
    }
    return layers.reduceRight((below, top) => over(top, below), [255, 255, 255, 1]);
  };
  const luminance = (colour) => {
    const [red, green, blue] = colour.slice(0, 3).map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const ratio = (one, other) => {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  for (const fold of document.querySelectorAll("details")) fold.open = true;
  const buttons = "a.btn, button, summary.btn, [role=button], input[type=submit], a[class*='bg-primary']";
  return [...document.querySelectorAll(buttons)]
    .filter((button) => !button.disabled && button.checkVisibility({visibilityProperty: true}))
    .map((button) => {
      const parts = [button, ...button.querySelectorAll("*")].filter((part) =>
        part.localName === "svg" || part.localName === "input" ||
        [...part.childNodes].some((node) => node.nodeType === 3 && node.data.trim()));
      const ratios = parts.map((part) =>
        ratio(over(rgba(getComputedStyle(part).color), background(part)), background(part)));
      return {
        name: (button.innerText || button.ariaLabel || button.value || "").trim(),
        ratio: Math.min(...ratios, 21),
        is_underlined: button.matches(".btn") &&
          getComputedStyle(button).textDecorationLine.includes("underline"),
      };
    });
}
"""


@dataclass(frozen=True)
class Button:
    """A button as a reader sees it."""

    name: str
    ratio: float
    is_underlined: bool

    @property
    def faults(self) -> list[str]:
        """What is wrong with its looks; one sentence each."""
        found = []
        if self.ratio < RATIO_MIN:
            found.append(f"“{self.name}” has a contrast of {self.ratio:.2f}")
        if self.is_underlined:
            found.append(f"“{self.name}” is underlined like a link in text")
        return found


def buttons(page: Page) -> list[Button]:
    """Every button of the page in its present theme, those in folded parts too."""
    return [Button(**measured) for measured in page.evaluate(MEASURE)]


def button_faults(page: Page, *, reload: bool = False) -> list[str]:
    """The faults of the page's buttons in both themes. The console asks for the theme only when it is
    loaded: `reload` is for it.

    Motion is off: a colour on its way from one theme to the other belongs to neither.
    """
    found = []
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        if reload:
            page.reload(wait_until="load")
        found += [f"{theme}: {fault}" for button in buttons(page) for fault in button.faults]
    page.emulate_media(color_scheme="null", reduced_motion="null")
    return found
