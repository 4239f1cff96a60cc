import { logit, sigmoid } from "./network.mjs";

// The part of the plane that is drawn.
const west = -2.05;
const east = 3.05;
const south = -1.45;
const north = 1.95;
const cellPx = 2;

/** Draws where a network expects which moon, the surer the stronger, and the points it is judged by. Without a network only the points. */
export function drawMap(canvas, network, { points, labels }) {
  const { clientWidth: width, clientHeight: height } = canvas;
  const density = devicePixelRatio;
  canvas.width = Math.round(width * density);
  canvas.height = Math.round(height * density);
  const context = canvas.getContext("2d");
  context.scale(density, density);
  const style = getComputedStyle(canvas);
  const colours = [style.getPropertyValue("--upper"), style.getPropertyValue("--lower")];
  if (network !== null) drawField(context, network, colours, width, height);
  for (let i = 0; i < labels.length; i++) {
    context.fillStyle = `rgb(${colours[labels[i]]})`;
    context.beginPath();
    context.arc(
      ((points[2 * i] - west) / (east - west)) * width,
      ((north - points[2 * i + 1]) / (north - south)) * height,
      1.75,
      0,
      2 * Math.PI,
    );
    context.fill();
  }
}

function drawField(context, network, colours, width, height) {
  for (let top = 0; top < height; top += cellPx) {
    for (let left = 0; left < width; left += cellPx) {
      const x = west + ((left + cellPx / 2) / width) * (east - west);
      const y = north - ((top + cellPx / 2) / height) * (north - south);
      const lower = sigmoid(logit(network, x, y));
      const sureness = Math.abs(2 * lower - 1);
      context.fillStyle = `rgba(${colours[lower > 0.5 ? 1 : 0]}, ${(0.32 * sureness).toFixed(3)})`;
      context.fillRect(left, top, cellPx, cellPx);
    }
  }
}
