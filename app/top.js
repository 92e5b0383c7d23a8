// Streamlit keeps a page with a field to write in at its end, as a conversation wants it. A greeting is read from the top,
// unless somebody has begun to move it.
export default function () {
  let looks = 20;
  const timer = setInterval(() => (looks-- ? document.querySelector(".stMain")?.scrollTo(0, 0) : clearInterval(timer)), 100);
  for (const hand of ["wheel", "touchstart", "pointerdown", "keydown"])
    document.addEventListener(hand, () => clearInterval(timer), { once: true });
}
