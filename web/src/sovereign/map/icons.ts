/** The signs on the map, drawn here once, each on a small canvas of its own. */
import { Texture } from "pixi.js";

const EDGE = 96;

function drawn(draw: (pen: CanvasRenderingContext2D) => void): Texture {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = EDGE;
  const pen = canvas.getContext("2d");
  if (pen !== null) {
    pen.translate(EDGE / 2, EDGE / 2);
    pen.lineJoin = pen.lineCap = "round";
    draw(pen);
  }
  return Texture.from(canvas);
}

const INK = "#2c2023";
const CREAM = "#fff6e2";

function path(pen: CanvasRenderingContext2D, points: [number, number][], close = true): void {
  pen.beginPath();
  points.forEach(([x, y], i) => (i === 0 ? pen.moveTo(x, y) : pen.lineTo(x, y)));
  if (close) pen.closePath();
}

/** A plaque with something on it. */
function plaque(fill: string, inside: (pen: CanvasRenderingContext2D) => void): Texture {
  return drawn((pen) => {
    pen.beginPath();
    pen.arc(0, 0, 37, 0, Math.PI * 2);
    pen.fillStyle = fill;
    pen.fill();
    pen.lineWidth = 7;
    pen.strokeStyle = INK;
    pen.stroke();
    pen.fillStyle = INK;
    pen.strokeStyle = INK;
    inside(pen);
  });
}

function arrow(fill: string, edge: string): Texture {
  return drawn((pen) => {
    path(pen, [
      [34, 0],
      [-12, 30],
      [-3, 9],
      [-32, 9],
      [-32, -9],
      [-3, -9],
      [-12, -30],
    ]);
    pen.lineWidth = 12;
    pen.strokeStyle = edge;
    pen.stroke();
    pen.fillStyle = fill;
    pen.fill();
  });
}

export function icons() {
  return {
    arrowMine: arrow(CREAM, "#7c2412"),
    arrowFoe: arrow("#e0313d", "#1d0a0d"),
    arrowOther: arrow("rgb(255 255 255 / 75%)", "rgb(40 30 32 / 70%)"),
    boat: drawn((pen) => {
      path(pen, [
        [-30, 8],
        [30, 8],
        [18, 28],
        [-18, 28],
      ]);
      pen.lineWidth = 9;
      pen.strokeStyle = INK;
      pen.stroke();
      pen.fillStyle = "#a5673f";
      pen.fill();
      path(pen, [
        [-3, -36],
        [24, 0],
        [-3, 0],
      ]);
      pen.stroke();
      pen.fillStyle = CREAM;
      pen.fill();
      path(pen, [
        [-9, -24],
        [-24, 0],
        [-9, 0],
      ]);
      pen.stroke();
      pen.fill();
    }),
    city: plaque("#ffe3a1", (pen) => {
      pen.fillRect(-22, -6, 14, 26);
      pen.fillRect(-5, -22, 13, 42);
      pen.fillRect(11, -2, 12, 22);
    }),
    fort: plaque("#e4e0e6", (pen) => {
      path(pen, [
        [-22, -18],
        [-12, -18],
        [-12, -10],
        [-5, -10],
        [-5, -18],
        [5, -18],
        [5, -10],
        [12, -10],
        [12, -18],
        [22, -18],
        [18, 22],
        [-18, 22],
      ]);
      pen.fill();
    }),
    port: plaque("#b5e0ea", (pen) => {
      pen.lineWidth = 6;
      pen.beginPath();
      pen.arc(0, -17, 5.5, 0, Math.PI * 2);
      pen.stroke();
      path(
        pen,
        [
          [0, -11],
          [0, 22],
        ],
        false,
      );
      pen.stroke();
      pen.beginPath();
      pen.arc(0, 3, 20, Math.PI * 0.1, Math.PI * 0.9);
      pen.stroke();
    }),
    ring: drawn((pen) => {
      pen.beginPath();
      pen.arc(0, 0, 38, 0, Math.PI * 2);
      pen.lineWidth = 8;
      pen.strokeStyle = INK;
      pen.stroke();
      pen.lineWidth = 4;
      pen.strokeStyle = CREAM;
      pen.stroke();
    }),
    flag: drawn((pen) => {
      path(pen, [
        [0, -40],
        [34, -28],
        [0, -14],
      ]);
      pen.lineWidth = 9;
      pen.strokeStyle = CREAM;
      pen.stroke();
      path(
        pen,
        [
          [0, 0],
          [0, -40],
        ],
        false,
      );
      pen.stroke();
      pen.lineWidth = 4.5;
      pen.strokeStyle = INK;
      pen.stroke();
      path(pen, [
        [0, -40],
        [34, -28],
        [0, -14],
      ]);
      pen.fillStyle = "#de4e2c";
      pen.fill();
    }),
  };
}

export type Icons = ReturnType<typeof icons>;
