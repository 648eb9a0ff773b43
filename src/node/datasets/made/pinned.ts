// The packages of the npm registry that made sets are drawn from: exact versions, what they may be used under, and the checksums of
// their tarballs. A new row is what `npm pack NAME@VERSION --json` prints.

import { invariant } from "../../../errors.ts";

export interface Pinned {
  readonly name: string;
  readonly version: string;
  /** SPDX's name of the licence of what is drawn. */
  readonly licence: string;
  /** As npm writes it: "sha512-" and base64. */
  readonly integrity: string;
}

/** Name, version, licence, checksum. */
const ROWS = `
  @iconify-json/akar-icons 1.2.7 MIT sha512-cw44dCnZgGhm6Tywxm0WALAnDB9AyGkDk7kiLMo2B/Ayt7duZu/uyrsqb55weWUN8Ge2sQAOl8MRtT6bFcLzPg==
  @iconify-json/ant-design 1.2.9 MIT sha512-cAP5tQXUj05Hb0o3nyjEzYofuU5luRm6IV4FNZ3KQkG2cfzvmM34WYJuNLA3/sWqfE0cHSaaaEGvIdAUq+bN2Q==
  @iconify-json/basil 1.2.4 CC-BY-4.0 sha512-KUL5JBdFDF7APY8XiuqvfpiecIby8pIbs6rm3WLgdVDqMlKH0WcWEwd+ilANby8X3AuHQVrjNjByh9MpfAR3lQ==
  @iconify-json/bi 1.2.7 MIT sha512-IPz8WNxmLkH1I9msl+0Q4OnmjjvP4uU0Z61a4i4sqonB6vKSbMGUWuGn8/YuuszlReVj8rf+3gNv5JU8Xoljyg==
  @iconify-json/bx 1.2.3 MIT sha512-ihvX+2d688otgW7MAvUEdKVln+fZ28BJTlygazKUU/+RCODWT+2KObjAHe8+KPs4VhC8V6Tgoy1qrX0Myn/upA==
  @iconify-json/bxs 1.2.3 MIT sha512-SxRzB4e0zrWq1duwDUmuT5t5gaDjwN2nMu1yoO2mP2tNaiciylx33+hKxEz3ykxIGKPi3/ItX0V6Sfdju1FrZA==
  @iconify-json/carbon 1.2.29 Apache-2.0 sha512-whk3BOU2jXFtweigCrrrYXT7NzWXGUT1q268vEnySzhfdnwZhQhVlFjhkgZH86JRRx21/CziTmzpAJMe5V2yKQ==
  @iconify-json/ci 1.2.2 CC-BY-4.0 sha512-RKqJ2nb48Hk2doM1ljZHRrNCiuzlXhji9xtnPm4VwmTcjUDOkkbrQSHyE7JNRducsP6uVNwDz4J3AaWZG1PxTg==
  @iconify-json/clarity 1.2.4 MIT sha512-9hQ405dgvK2b2BWQdAIb/+ayH02k5VE4lKw2456wpjtq+57shHXE4Kk8bFa7RwchQHFuTtJBItVhlU4kjejxDw==
  @iconify-json/emojione 1.2.3 CC-BY-4.0 sha512-T9+T3HIbJNLKKsmxYKlaYhvnHYkz/HNYTV7SHCXVZPfeUi4FqskY70YeN8yYAZT8cCv7w5vJxS4Q1m8zb9CMMg==
  @iconify-json/emojione-monotone 1.2.1 CC-BY-4.0 sha512-cZSNcPsuiAD6HCzCh/2dYKGh3pNI0jJlxBxQWfC33cQsPtqYZqulGBvlkThXYNvDl8VxgVHT9u+izyX/yeEIkA==
  @iconify-json/ep 1.2.4 MIT sha512-dtKOueYp1CRxAUW+GayIiuHqOlELfO0W3QiHOH4NjvKtBn2uxZbByIKQ+7B1Hj+AgZrhWTie3QKYkZn+VQVZrw==
  @iconify-json/eva 1.2.3 MIT sha512-67nZvxOHdoV2SaTLBw+seq+pbfB8OFRB7CVNI5gGJCGPXJKniPo/x9H/dYGovxq7q+GU0NwKrPxBcHyEFDwSUw==
  @iconify-json/f7 1.2.2 MIT sha512-7+RhvnncD+LRu0smuHOun4emOUu48XUGG6G0tYYbrXS7n4Io2xntx6nxa09/iI41t9hnH2oHHU3Dg7Ee60Ovow==
  @iconify-json/fa6-regular 1.2.4 CC-BY-4.0 sha512-fnUS/MLj3ZAp29oRsC8/aY8Wau7NIg7VesTz3jCcE6VJBzcz95Yxp/Dl5yHvkP+aQxrNw5Lj3nrOXB4nQh+oNA==
  @iconify-json/fa6-solid 1.2.4 CC-BY-4.0 sha512-LmDNNdJVyvF5mPm1yxWvL8KjCc/E8LzoqnF1LNTVpyY2ZJRUlGOWuPIThdbuFBF2IovgttkIyumhyqfmlHdwKg==
  @iconify-json/flat-color-icons 1.2.3 MIT sha512-KcmJ7CY0TKFv5GuBjiS4/v++jEcNXna1jfY+yq014tnw/MN/jMI2oYpoMHGuIpYtUqDu7eove+WySnOYO8nS3w==
  @iconify-json/fluent 1.2.60 MIT sha512-+Tc4TcygQpzm2QNQ3v1/p5V+3OWczkJzKMqUw01pzGiIYLD85uhWPY4GaERkU0+J9J9ZqGQEWKSOk/qPL2ofsw==
  @iconify-json/fluent-emoji 1.2.7 MIT sha512-D8G6bKAyIsyxP1rzZtIWr/gg/fO4Rg1+DyCWlfqKK4h8W+4Em/Y0P6QYgJUQTlUcagzJvSyg+9OBv4hz4Hc/QA==
  @iconify-json/fluent-emoji-flat 1.2.6 MIT sha512-RY47RgPb47fYUiyrA64sIOL0+UU02s29sXpNBbIQRBUlPlfNFTKUmZDERGuxDs/7yNGWqQYvuaSYM1M4fRXlUw==
  @iconify-json/fluent-emoji-high-contrast 1.2.6 MIT sha512-esqhZPpkrF7sNX3NsLoh8KW64okEr/bzko7WNnFP+qTJGAqDPDYjp0925yxuivXy3HtVQB8xhIKu3+Nq1byX5w==
  @iconify-json/fxemoji 1.2.2 Apache-2.0 sha512-UAasRaxzFUKfIGSmLwnoarsssA4LX0VLLuEmplIqM6ZNQqIQRtav8tZ4H1neTlBreXuMQyAifr5jP4kn78DpiQ==
  @iconify-json/game-icons 1.2.4 CC-BY-3.0 sha512-/HDDZxowXgDJcOEwPspUCq5RuDdl25OyZKdtxqqiPJQNTrWIym7r4StLzIVs77DyNzOWWhH5wDqwYR3WHeDfkg==
  @iconify-json/heroicons 1.2.3 MIT sha512-n+vmCEgTesRsOpp5AB5ILB6srsgsYK+bieoQBNlafvoEhjVXLq8nIGN4B0v/s4DUfa0dOrjwE/cKJgIKdJXOEg==
  @iconify-json/hugeicons 1.2.35 MIT sha512-c06tY90JZnKhOLBAKoQ1z2pqXMRdATuYXslTKwaaIAjLzKsTIsE+GGknY6+qo/SP0U/NG9xQjr4N+zfDqOeQiQ==
  @iconify-json/ic 1.2.4 Apache-2.0 sha512-pzPMmrZrBQuwT7nmtrYdkttun8KalRGgZPIL1Ny9KpF2zjRGIUPN+npTfuD3lrgO/OnSwAoJWuekQwBpt/Cqrw==
  @iconify-json/icon-park-outline 1.2.4 Apache-2.0 sha512-NyZxXe2gD2TbTOyoRRMdtEJhr6i2KQCdDlYYoOn5oZLndQjwpIhw79hzeFhXvP38/o40D3gQ+l+IaSJgbB+0TQ==
  @iconify-json/icon-park-solid 1.2.4 Apache-2.0 sha512-030MChSP6lCY7N+U5J5R7YguHTGcm7qQEI/ivBjk77El/i8yJatoj568cwwXGM8c6HEU/kIxEE4m3O/6w0WBGg==
  @iconify-json/icon-park-twotone 1.2.4 Apache-2.0 sha512-AhnGngG6DxuIZMsz4FMrv0QWTRM/CZ3NnEeaceV6psKSgt/axW+hft7oQ6pIAFN9KB95Kp3hbJuhlhG3ao60eQ==
  @iconify-json/iconamoon 1.2.2 CC-BY-4.0 sha512-Xn7YeSDniPgutPr0qil/iQwQelq975OYQ/i2twGjcK4DjGOXBrBC+6q45WtVuQbFfXzM7bgijv4yVnxy0OqUdQ==
  @iconify-json/iconoir 1.2.11 MIT sha512-clBrCsZPkmdksYOkufVp7aoAU1j1hFQPrLUooWWmoYIMvKskUHQ+IDnwV7agTR+tGYHbud7OP2SRfYEpnqFDNw==
  @iconify-json/ion 1.2.7 MIT sha512-ZJNG5kLCbTPr68mdP0jx6Q3lB9AMEQKO2+VvIjuJ2llGFICBLD+cvESn/qGDRIqSfk2D3PrFMf/Qg8WKIUV7cg==
  @iconify-json/la 1.2.1 Apache-2.0 sha512-7VUpZ+E7PfBpCXmAzLEGRR0LqCyFQRJiJTriO/vIZtQ1BLJ4xiDlIQ8gCCQvyTnKPG4IrvencwAxXpJGhk4pYg==
  @iconify-json/lucide 1.2.137 ISC sha512-uKz1+tFbv1RFX/mJQNksdnyKJijNfRGSNnxfiyKtr+dLNfA3ERph+IgpXClKGOlV/5GsZwLv2jgJXQ/bjF/JAg==
  @iconify-json/mage 1.2.4 Apache-2.0 sha512-QZnjHtV/RP9/bF6n7bHSnXMPX/MW5dpHqOH2pEHiEytUx76OKrUZ55YBFwrAxPz5f3BoCeWMY1wyEQQD36Bkkw==
  @iconify-json/majesticons 1.2.5 MIT sha512-tj0ZTiYOkz8HC365x7Pj8vXCsHCjVuFXcwoFG0iuMlvLrHslVlFhSTLjt/x/5r0ciCrtA5tLGpbV1uG0fdC56g==
  @iconify-json/mdi 1.2.3 Apache-2.0 sha512-O3cLwbDOK7NNDf2ihaQOH5F9JglnulNDFV7WprU2dSoZu3h3cWH//h74uQAB87brHmvFVxIOkuBX2sZSzYhScg==
  @iconify-json/mingcute 1.2.8 Apache-2.0 sha512-J8VXpRwTpx5yzOzyhx3T4IXnfXIKTWFl3rZ9okcW4c+NMMuwkLvdmM4rkjB83tnYIhg5+kkeMpmw8tvSnxd4rQ==
  @iconify-json/noto 1.2.9 Apache-2.0 sha512-DQiuXENbun41ch+XPSV55H9FaWKpHTyz46YIKtSaKYD4fIDDzL1tR6H4np/T38jfrTAeI3rcKF0mqHYeZVAuaw==
  @iconify-json/noto-v1 1.2.5 Apache-2.0 sha512-/DsVMius69Q0fRS53z7QK1TROSuar606jiIx+laXtdsYGMXpf6LtHBx6CGfoo3UHHb/XpBsw+1L1x3eyPqMuVA==
  @iconify-json/octicon 1.2.36 MIT sha512-YHlJokjC+uBj1kSd7+YTRMNIN85TvAGr4ZJVOHCTzj0nyH64ImXRIZmh4P6Nbv0RGDd7hS7+UwEDGchFgGxxVw==
  @iconify-json/ph 1.2.2 MIT sha512-PgkEZNtqa8hBGjHXQa4pMwZa93hmfu8FUSjs/nv4oUU6yLsgv+gh9nu28Kqi8Fz9CCVu4hj1MZs9/60J57IzFw==
  @iconify-json/pixelarticons 1.2.9 MIT sha512-euvs0Lwcoo5CAz5VicRlxWxO/Aqk/nOxbUhPkXCqWl3ua79H6XVrtWWGVIwugecCBwMrxltf2ArD5O41MNRGSw==
  @iconify-json/ri 1.2.10 Apache-2.0 sha512-WWMhoncVVM+Xmu9T5fgu2lhYRrKTEWhKk3Com0KiM111EeEsRLiASjpsFKnC/SrB6covhUp95r2mH8tGxhgd5Q==
  @iconify-json/solar 1.2.13 CC-BY-4.0 sha512-/ZWb6xRib6pzxD/qTkKWYhuzSU2yu0bY+EN0spgtz1NM3d5f4eYueQZpL3PfCdsg5uVfm4Ldtt3cAyQL+YI8/Q==
  @iconify-json/streamline-emojis 1.2.4 CC-BY-4.0 sha512-iNr9T9XuZVTyQPJO8ZlLxBzPkpi7qMl+z1l0C31vpEMqhPMelth3n7CeWQYtixdetDPdI81yeG4ROqjWpYJE6A==
  @iconify-json/tabler 1.2.41 MIT sha512-GHg+H/cnr0anaCoV383JONiOMxZQOdojWYNLgL3x0fRE07YW7c+AHiYmIhXet//oq26T830qitdP7l43ojiCXw==
  @iconify-json/tdesign 1.2.19 MIT sha512-YAEUidy7vJBAlGDMro1JWw5CZNO0EbeSb8SxNCsBuBq7hFtftlL2VhZac3EgHeTMMDf3OBfP/YwII7SIdb1d+w==
  @iconify-json/twemoji 1.2.5 CC-BY-4.0 sha512-uKpuIEV0v6K5BW3Mjdyl+XKFVAbbcPxAgifKvEMtZoUZB5+YiY5zaMm2uNNCxyXzAWU9yNLlj41WU6/mvgALsw==
  @iconify-json/uil 1.2.3 Apache-2.0 sha512-if91+UBhDQc6glPsIaXecGIcXnbQZfEO4Gdv89TV2xQ+V5e9GWbY5rNl2fsKZd8COsRQ5lRQAKimVQVL0CZZVg==
  @iconify-json/vaadin 1.2.1 Apache-2.0 sha512-dT2PWQp5tPxqJsWCc7qXDRVMcGeOf3e+Hys1dcMQrfVVnaRgXxYXgA0Wj98N5QjZMIf9+/iqAKvY1Yuk484hEg==
  @iconify-json/zondicons 1.2.2 MIT sha512-P7Q5civk4vxha2OWUqL0lzJhHnkEL902WhJFPiqAb94rRBQIO4U88e3ag3UH5gstulYHGKVPocIPTk4c+yDacw==
`;

const PINNED: ReadonlyMap<string, Pinned> = new Map(
  ROWS.trim()
    .split("\n")
    .map((row) => {
      const [name = "", version = "", licence = "", integrity = ""] = row.trim().split(" ");
      return [name, { name, version, licence, integrity }];
    }),
);

/** The rows of packages, in the order of the names. */
export function pinnedPackages(names: readonly string[]): Pinned[] {
  return names.map((name) => {
    const pinned = PINNED.get(name);
    invariant(pinned, () => `${name} is not pinned`);
    return pinned;
  });
}
