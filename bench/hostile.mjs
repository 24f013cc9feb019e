// Documents, and bodies around them, that would keep a careless GraphQL server busy.

/** Fragments that each spread the next one twice: 2^levels selections from a few hundred bytes. */
function doubling(levels) {
  let text = "query { ...f0 }";
  for (let level = 0; level < levels; level += 1) {
    text += ` fragment f${level} on Query { ...f${level + 1} ...f${level + 1} }`;
  }
  return `${text} fragment f${levels} on Query { __typename }`;
}

const repeat = (count, make) => Array.from({ length: count }, (_, index) => make(index)).join(" ");
const nested = (depth) => `{ ${"__schema { types { fields { type { ".repeat(depth)}name${" } } } }".repeat(depth)} }`;

export const documents = [
  ...[12, 16, 18, 22, 26].map((levels) => ({ name: `fragments doubling ${levels} times`, query: doubling(levels) })),
  { name: "4,000 aliases of __typename", query: `{ ${repeat(4000, (index) => `a${index}: __typename`)} }` },
  { name: "4,000 aliases of a field", query: `{ ${repeat(4000, (index) => `a${index}: limits { depth }`)} }` },
  { name: "20,000 times the same field", query: `{ ${repeat(20000, () => "__typename")} }` },
  { name: "a comment of 3 MB", query: `{ __typename } #${"x".repeat(3_000_000)}` },
  { name: "a fragment cycle", query: "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }" },
  { name: "depth 60", query: nested(15) },
  { name: "a list 5,000 deep", query: `{ node(id: ${"[".repeat(5000)}${"]".repeat(5000)}) { id } }` },
  { name: "an object 5,000 deep", query: `{ node(id: ${"{a:".repeat(5000)}1${"}".repeat(5000)}) { id } }` },
  { name: "3,000 directives", query: `{ __typename ${"@skip(if: false) ".repeat(3000)} }` },
  { name: "10,000 variables", query: `query(${repeat(10000, (index) => `$v${index}: Int`)}) { __typename }` },
  { name: "a name of 1 MB", query: `{ ${"a".repeat(1_000_000)} }` },
  { name: "variables 5,000 deep", body: `{"query":"query($v: ID!) { node(id: $v) { id } }","variables":{"v":${"[".repeat(5000)}${"]".repeat(5000)}}}` },
  { name: "500 operations in one body", body: `[${Array(500).fill('{"query":"{ __typename }"}').join(",")}]` },
  { name: "circular introspection", query: nested(5) },
  { name: "100,000 brackets", query: "{".repeat(100_000) },
];
