// What stands in the first tab until the person opens a recipe or writes something.
export const WELCOME = `# Welcome to Cairn.
#
# 1. Sign in: the person on the left.
# 2. Open a recipe: the book below it.
# 3. Ctrl-Enter runs what is written here.
#
# The page at the top of the left edge documents every type and field.

query ServerLimits {
  limits {
    depth
    complexity
    page
    fileBytes
  }
}
`;
