// Which rules of graphql-eslint the schema keeps, and why it does not keep the others.
import graphql from "@graphql-eslint/eslint-plugin";

export default [
  {
    files: ["schema.copy.graphql"],
    languageOptions: {
      parser: graphql.parser,
      parserOptions: { graphQLConfig: { schema: "./schema.copy.graphql" } },
    },
    plugins: { "@graphql-eslint": graphql },
    rules: {
      ...graphql.configs["flat/schema-all"].rules,
      ...graphql.configs["flat/schema-relay"].rules,
      // The generated file has its own order and block style.
      "@graphql-eslint/alphabetize": "off",
      "@graphql-eslint/description-style": "off",
      // Every schema that can be asked has a root.
      "@graphql-eslint/no-root-type": "off",
      // Payloads, errors, edges and values of a parent are no things that can be fetched again.
      "@graphql-eslint/strict-id-in-types": "off",
      // A mutation that failed explains itself in `userErrors`; its answer is always there.
      "@graphql-eslint/require-nullable-result-in-root": "off",
      // What a mutation changed is in its payload; everything else is one more query away.
      "@graphql-eslint/require-field-of-type-query-in-mutation-result": "off",
      // Lists without end are connections; short ones that always come whole are plain lists.
      "@graphql-eslint/relay-edge-types": [
        "error",
        { withEdgeSuffix: true, shouldImplementNode: false, listTypeCanWrapOnlyEdgeType: false },
      ],
      // Pages go forward only.
      "@graphql-eslint/relay-arguments": ["error", { includeBoth: false }],
    },
  },
];
