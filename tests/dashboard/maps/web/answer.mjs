// Answers questions about containers that Python wrote, with the browser's own modules: node answer.mjs QUESTIONS.json
import fs from 'node:fs';
import path from 'node:path';
import {pathToFileURL} from 'node:url';

const questions = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
// Ranges of files in place of a server's.
globalThis.fetch = async (file, {headers: {Range}}) => {
  const [start, stop] = Range.match(/\d+/g).map(Number);
  return new Response(fs.readFileSync(file).subarray(start, stop + 1), {status: 206});
};
const load = (name) => import(pathToFileURL(path.join(questions.web, name)));
const {CellGrid} = await load('cell_grid.js');
const {RankedMap} = await load('ranked_map.js');

const cells = await CellGrid.load(questions.cells);
const ranked = await RankedMap.load(questions.table, cells);
const at = [];
for (const [latitude, longitude] of questions.points) at.push(await cells.cellAt(latitude, longitude));
const lowest = ranked.tileRank;
console.log(JSON.stringify({
  areas: questions.areas.map((km2) => [ranked.cellsForArea(km2), ranked.areaUpTo[ranked.cellsForArea(km2)], ranked.probabilityOfArea(km2)]),
  shares: questions.shares.map((share) => [ranked.cellsForProbability(share), ranked.areaOfProbability(share)]),
  cells: at,
  reach: at.map((cell) => ranked.areaToReach(cell)),
  density: at.map((cell) => ranked.logDensity(cell)),
  tiles: questions.tiles.map((tile) => lowest[tile]),
  centers: questions.tiles.map((tile) => cells.centerCell[tile]),
}));
