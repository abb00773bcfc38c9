// Runs the generators of npm over the generated schemas: node generate.mjs SCHEMAS OUT
// Writes OUT/<tool>/<file>.ts, and OUT/findings.json: what makes bad types, a line each.

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { TypeScriptGenerator } from "@asyncapi/modelina";
import { Parser, fromFile } from "@asyncapi/parser";
import { compileFromFile } from "json-schema-to-typescript";

const [schemas, out] = process.argv.slice(2);
const FILES = ["events", "requests", "replies"];
const findings = [];

// What a type must not be: named by number or not at all, twice there, or open. A map may be: further fields may come,
// and an event without fields is a map of nothing.
function judge(tool, file, text) {
  const seen = new Set();
  text = text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/"[^"]*"|'[^']*'/g, '""');
  for (const [, name] of text.matchAll(/^export (?:interface|type|enum|class) (\w+)/gm))
    if (/\d$|anonymous/i.test(name) || seen.size === seen.add(name).size) findings.push(`${tool}: ${file}: the type ${name} has no name of its own`);
  for (const line of text.split("\n"))
    if (/\b(any|unknown)\b/.test(line) && !/\[\w+: string\]|^\s*(data|params|additionalProperties)\??: Map<string, any>;$/.test(line))
      findings.push(`${tool}: ${file}: ${line.trim()}`);
}

function write(tool, file, text) {
  mkdirSync(join(out, tool), { recursive: true });
  writeFileSync(join(out, tool, `${file}.ts`), text);
  judge(tool, file, text);
}

for (const file of FILES) {
  const path = join(schemas, `${file}.schema.json`);
  const options = { additionalProperties: false, maxItems: 0, bannerComment: "", cwd: schemas };
  write("json-schema-to-typescript", file, await compileFromFile(path, options));
  const quicktype = ["quicktype", "-s", "schema", "--lang", "ts", "--just-types", `${path}#/$defs/`];
  write("quicktype", file, execFileSync("npx", quicktype, { encoding: "utf8", maxBuffer: 1 << 28 }));
  console.log(`${file}: json-schema-to-typescript, quicktype`);
}

const parser = new Parser();
const asyncapi = join(schemas, "asyncapi.json");
const { document, diagnostics } = await fromFile(parser, asyncapi).parse();
for (const { severity, code, path, message } of diagnostics)
  if (severity < 2) findings.push(`@asyncapi/parser: ${severity} ${code} ${path.join(".")}: ${message}`);
for (const message of document?.allMessages().all() ?? [])
  if (!message.name() || !message.title()) findings.push(`@asyncapi/parser: message ${message.id()} has no name or title`);
console.log(`asyncapi ${document?.version()}: ${document?.operations().all().length} operations`);

// Modelina 5 knows AsyncAPI up to 3.0; what 3.1 has added to it is not used here.
const text = readFileSync(asyncapi, "utf8").replace('"asyncapi": "3.1.0"', '"asyncapi": "3.0.0"');
const older = await parser.parse(text, { source: asyncapi });
const models = await new TypeScriptGenerator({ modelType: "interface" }).generate(older.document);
write("modelina", "asyncapi", models.map((model) => `export ${model.result}`).join("\n"));
console.log(`modelina: ${models.length} models`);

writeFileSync(join(out, "findings.json"), JSON.stringify(findings, null, 1));
