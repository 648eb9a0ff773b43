// Names of classes that would break out of where they are written, or mislead who reads them.

export const HOSTILE: readonly string[] = [
  '</script><img src=x onerror="alert(1)">',
  "*/ int x; /* ??/",
  'quote " \\ back` ${1} \\',
  "line\nend\u2028\u2029\u0000",
  "\u202eright to left\ud800",
  "家 é 😀",
  "--> <!-- ]]>",
];
