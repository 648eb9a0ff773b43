// Work done without the rights of root, so that permissions hold where the tests run as root (in containers).

const NOBODY = 65_534;

/** Runs `work` as a user without rights; as who runs the tests, where that is not root. */
export async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return work();
  process.seteuid!(NOBODY);
  try {
    return await work();
  } finally {
    process.seteuid!(0);
  }
}
