// The linter's rules; the direction of imports stands in scripts/import-rules.mjs.

import { lintOverrides } from "./scripts/import-rules.mjs";

export default {
  plugins: ["typescript", "unicorn", "oxc", "import", "promise", "jsx-a11y"],
  categories: { correctness: "error", suspicious: "error" },
  options: { typeAware: true },
  rules: {
    "typescript/no-explicit-any": "error",
    "typescript/no-floating-promises": "error",
    "import/no-cycle": "error",
    "no-restricted-properties": [
      "error",
      { object: "Math", property: "random", message: "Randomness comes from a key: see src/tensor/random.ts." },
    ],

    // Trees are typed by structure (Tree<T>), so going from a tree to its known record is an assertion, by design.
    "typescript/no-unsafe-type-assertion": "off",
    // A small function beside its only use reads better than one at the top of the file.
    "unicorn/consistent-function-scoping": "off",
    // Sorting a fresh array in place is fine; arguments are readonly, so the compiler finds the rest.
    "unicorn/no-array-sort": "off",
    "unicorn/no-array-reverse": "off",
    // () => void f() says that the result of f is of no interest.
    "typescript/no-meaningless-void-operator": "off",
    // The compiler knows better which functions come to their end without a value.
    "typescript/consistent-return": "off",
    // A canvas is an image, and a line that changes a status: no tag says so of them.
    "jsx-a11y/prefer-tag-over-role": "off",
    // Places to drop on, each beside a button that does the same; what scrolls must be reached by the keyboard.
    "jsx-a11y/no-noninteractive-element-interactions": "off",
    "jsx-a11y/no-noninteractive-tabindex": "off",
    // Workers' messages have no origin to name; pages in other windows are not spoken to.
    "unicorn/require-post-message-target-origin": "off",
    // fast-check's own documentation writes fc.property.
    "import/no-named-as-default-member": "off",
  },

  overrides: [
    ...lintOverrides(),
    {
      // Names in what is printed may hold anything: see src/cli/output.ts.
      files: ["src/**", "paper/**", "web/**"],
      rules: { "no-console": "error" },
    },
    {
      // Tests may use temporary folders and pictures of any origin, and sort names to compare them.
      files: ["**/*.test.ts", "test/**"],
      rules: { "no-restricted-imports": "off", "typescript/require-array-sort-compare": "off" },
    },
  ],
};
