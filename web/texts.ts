// Every sentence that the page shows or reads aloud.

export const TEXTS = {
  title: "PudNet",
};
