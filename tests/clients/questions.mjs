// What the client suites ask. Everything that depends on the schema is here.

/** Anybody may ask this, and knows the answer. */
export const QUERY = {
  text: "query Limits { limits { tokens depth } }",
  data: { limits: { tokens: 2000, depth: 15 } },
};

/** Not run at all. */
export const REFUSED = { text: "query Refused { nothingOfThisName }", code: "VALIDATION_FAILED" };

/** Run, and failing in a field. */
export const FAILING = { text: "query Failing { organization { id } }", code: "UNAUTHENTICATED" };

/** A subscription, whatever makes it speak, and how to recognize what it says. */
export async function subscription(cairn) {
  const token = await cairn.signIn("admin");
  const trigger = () =>
    cairn.ask(
      "mutation Touch($input: UpdateOrganizationInput!) { updateOrganization(input: $input) { userErrors { code } } }",
      { input: { name: `Demo ${Date.now()}` } },
      token,
    );
  return {
    token,
    text: "subscription Changes { organizationChanged { organizationId } }",
    trigger,
    seen: (event) => typeof event?.data?.organizationChanged?.organizationId === "string",
  };
}
