// Writes one JSON object to stdout: the style's licence and author, and `count` drawings.
// Arguments: folder with node_modules, style, seed, count.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [folder, style, seed, count] = process.argv.slice(2);
const require = createRequire(folder + '/');
const load = (name) => import(pathToFileURL(require.resolve(name)).href);
const { createAvatar } = await load('@dicebear/core');
const collection = await load('@dicebear/collection');
if (!collection[style]) {
  console.error(`no style ${style}; there are ${Object.keys(collection).join(', ')}`);
  process.exit(1);
}
const { license, creator, source } = collection[style].meta ?? {};
const drawings = [];
for (let i = 0; i < Number(count); i += 1) {
  drawings.push(createAvatar(collection[style], { seed: `${seed}-${i}` }).toString());
}
process.stdout.write(JSON.stringify({ licence: license?.name, author: creator, url: source, drawings }));
