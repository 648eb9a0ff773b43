// The public datasets that can be fetched: where they lie and what their files must be.

export interface PublishedFile {
  readonly name: string;
  readonly bytes: number;
  /** As published, of the gzipped file. */
  readonly md5: string;
  /** Of what is inside: the same file gzipped anew (as Debian does) is as good. */
  readonly contentSha256: string;
}

export interface PublishedSet {
  readonly folder: string;
  /** Addresses to which a file's name is appended, tried in order. */
  readonly mirrors: readonly string[];
  readonly files: readonly PublishedFile[];
}

export const FETCHABLE = {
  "fashion-mnist": {
    folder: "fashion-mnist",
    mirrors: [
      "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
      "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    ],
    files: [
      {
        name: "train-images-idx3-ubyte.gz",
        bytes: 26_421_880,
        md5: "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
        contentSha256: "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
      },
      {
        name: "train-labels-idx1-ubyte.gz",
        bytes: 29_515,
        md5: "25c81989df183df01b3e8a0aad5dffbe",
        contentSha256: "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
      },
      {
        name: "t10k-images-idx3-ubyte.gz",
        bytes: 4_422_102,
        md5: "bef4ecab320f06d8554ea6380940ec79",
        contentSha256: "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
      },
      {
        name: "t10k-labels-idx1-ubyte.gz",
        bytes: 5_148,
        md5: "bb300cfdad3c16e7a12a480ee83cd310",
        contentSha256: "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
      },
    ],
  },
} as const satisfies Record<string, PublishedSet>;
