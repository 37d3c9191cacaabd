// usvg and resvg behind a pipe. It opens no file and no socket: drawings come in on stdin, answers
// leave on stdout. Little-endian frames:
//   request  u32 kind, u32 width, u32 height, u32 length, UTF-8 SVG of that length
//   answer   u32 status (0 good, 1 error), u32 length, body of that length
// Kinds: 0 normalised SVG; 1 RGBA anti-aliased on white; 2 RGBA crisp on nothing; 3 alpha, crisp;
//        4 RGBA crisp on white.
'use strict';
const { createRequire } = require('module');
const { Resvg } = createRequire(process.argv[2] + '/')('@resvg/resvg-js');

const COLLECT_EVERY = 16; // requests; resvg-js holds native memory until the collector runs
const SMOOTH = 2;
const CRISP = 1;
let served = 0;

function answer(status, body) {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(status, 0);
  head.writeUInt32LE(body.length, 4);
  process.stdout.write(head);
  process.stdout.write(body);
}

function handle(kind, width, height, svg) {
  const options = {
    font: { loadSystemFonts: false },
    shapeRendering: kind <= 1 ? SMOOTH : CRISP,
    logLevel: 'off',
  };
  if (kind === 1 || kind === 4) options.background = '#ffffff';
  const drawing = new Resvg(svg, options);
  if (kind === 0) return Buffer.from(drawing.toString(), 'utf8');
  const image = drawing.render();
  if (image.width !== width || image.height !== height) {
    throw new Error(`rendered ${image.width}x${image.height}, not ${width}x${height}`);
  }
  const pixels = image.pixels;
  if (kind !== 3) return pixels;
  const alpha = Buffer.allocUnsafe(width * height);
  for (let i = 0, j = 3; i < alpha.length; i += 1, j += 4) alpha[i] = pixels[j];
  return alpha;
}

let pending = [];
let have = 0;

function drain() {
  if (have < 16) return;
  let data = pending.length === 1 ? pending[0] : Buffer.concat(pending);
  while (data.length >= 16) {
    const end = 16 + data.readUInt32LE(12);
    if (data.length < end) break;
    try {
      const svg = data.toString('utf8', 16, end);
      answer(0, handle(data.readUInt32LE(0), data.readUInt32LE(4), data.readUInt32LE(8), svg));
    } catch (error) {
      answer(1, Buffer.from(String((error && error.message) || error).slice(0, 500), 'utf8'));
    }
    served += 1;
    if (served % COLLECT_EVERY === 0 && global.gc) setImmediate(global.gc);
    data = data.subarray(end);
  }
  pending = data.length ? [data] : [];
  have = data.length;
}

process.stdin.on('data', (chunk) => {
  pending.push(chunk);
  have += chunk.length;
  drain();
});
process.stdin.on('end', () => process.exit(0));
