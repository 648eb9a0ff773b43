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
  @fontsource/advent-pro 5.3.0 OFL-1.1 sha512-ordTtEiavlCF5p6wnW8TFYSVPu87RlTY7ngnsRBtqKdhyPuOSnQaa54nvDlni5y6SQfm16IFFM7rqVlBBPujrA==
  @fontsource/alef 5.3.0 OFL-1.1 sha512-62gPiSOyl+Sb+BAT20DD/wlaRpsZCYuImw3uYJPduQ+2XGkJ02SC9AILcO0zQFij2A5TncbBMLmhIfi4KWNZAw==
  @fontsource/alegreya 5.3.0 OFL-1.1 sha512-YCsp9dHYfMNdggXxinMMS0nkGlZkzs2MvPL7qPVjSO4DM1uJ29hmKEdTC/fBP+2K4Aa+4Z44JuOQz05eDcvNJA==
  @fontsource/amatic-sc 5.3.0 OFL-1.1 sha512-qGAftmq7o21ViixCApztfLOe6TP0VFp3x9ac5KVTwBqW6SU8YJeGWgcLHOfBkooAI+/411R/flMqXos8GseNkA==
  @fontsource/angkor 5.3.0 OFL-1.1 sha512-MTo/5Zvwo2UFEbfXzsgEGsRwN2aE0Pub6AQmKI6aOIA3xBNE1jY3KE6q1ovawGcSLYZ9PV8uZjZNk/k5J2cwxQ==
  @fontsource/arimo 5.3.0 OFL-1.1 sha512-nhxZ2sTVZYX8DJBgLuyX360B5vE4mxqpmjlKTRfucIqfcWRVx9vOYzWBc1IgEX0ist48VMC10PRKbFyH+4QFvQ==
  @fontsource/assistant 5.3.0 OFL-1.1 sha512-FJ0gSxkCdNeZgd2yIGmIkjU5SZOpDYs0j5IEWMQPBT5bRuvDqLA4T03KwmvMgWvov966coRVp0dcdd+oAo/MrA==
  @fontsource/atma 5.3.0 OFL-1.1 sha512-Fa6dLzixzy0Yr34LtUbiqop1bAZF9VATa4hxwAUCURN0sZjbzpethWVkGL62+x/EKb9cgxzaQ9/v1rWUOvF87g==
  @fontsource/baloo-2 5.3.0 OFL-1.1 sha512-CBuxZ27jvMmD5+KaaPkMWv/yjdRNppVAd5/002yAyvyQyLNL3aZCbkx6gbAT/bjxPd1A0VMdDQjfcELI8chccQ==
  @fontsource/baloo-da-2 5.3.0 OFL-1.1 sha512-jujnLa2d6xPt4HGmWf8/aoWgV2BC9CSyrx5wF3KUFzbNOxxUndQ+0IPKMk723LVGmJcALcexab5MK2KBEGsdew==
  @fontsource/baloo-thambi-2 5.3.0 OFL-1.1 sha512-xvoqRHd7tvbEBrwrkhI8Cek4K+LlGkyrnwTS5YebEUPu/mUR7YdeUl/BQAfbHCUf3N6TmCz8/tfwiIFWqSsrhg==
  @fontsource/battambang 5.3.0 OFL-1.1 sha512-K3/dETCboyzb5Q+vt7wQphP1lg7uU28bYhlxP+ncbewDJjBmh3xYGYb+UHhECuKnkuHdZWGyQI8EJS4RZnYreg==
  @fontsource/bayon 5.3.0 OFL-1.1 sha512-TBCIQwjJ/wpVSWk2Gj8/WXV0IpIFSxmghqA1fK1oKuvNs/OODfjozif9h3ombdaRCTtkIgVEQzUIxCzkc3Bqhw==
  @fontsource/bellefair 5.3.0 OFL-1.1 sha512-cS1NiCWjlAjG/XsM86PgevJy7Z7YNJTEauJcOqfhTZ4efjS5emaBUMbEYGHDFIzoeXiWcN6Zj+jx0wz8jbpgCg==
  @fontsource/black-han-sans 5.3.0 OFL-1.1 sha512-HZtn51La10fZU1DdnbY06YcvLxF9NAkNk/GdA6rKDWPztH9zWLqVcfVvCKNmosBuFrhToGbw/pMNJ/TjdC296Q==
  @fontsource/bokor 5.0.12 OFL-1.1 sha512-bIoAUIW8dS2s/Dnk2Ollup2IznS9mskDHGO6BvV7B37oW+o1HkOhkPFp9LdrKWDCJevTUsu5XYA3h3iCn1EVoQ==
  @fontsource/cardo 5.3.0 OFL-1.1 sha512-4G7oLxQRcYyOIoJH0CpZ1Tkc5iLHQPaJoThmp/f8Vz7NFFfn5fspCWkrqhlO6mVAXFruMoOwivyXrvaISJm7uA==
  @fontsource/catamaran 5.3.0 OFL-1.1 sha512-JvkFato1XatDzPBKNBloUdRivacGxS5AaMnJOqzhxj/caJJJCR277Pkf3mh0ixtFwi2YNNSD5Sw63vZBtjMc4A==
  @fontsource/caveat 5.3.0 OFL-1.1 sha512-eHTfzQxFSW9ABERRLNruHoNJmKed2J7pqTUc5lp4a4POMgXGKpxmWj3d9Hz10kmAg6iuTTLe6UagbA4bnsmfQw==
  @fontsource/chenla 5.3.0 OFL-1.1 sha512-HqmOjMMslZzg9g43E76Q6ZY6CAK9AejlrBjdnOJBe8HrbsRqOqsbec4cTwUxJ3JZgu+dPZvEEvOvIIOE16Ml1Q==
  @fontsource/coiny 5.3.0 OFL-1.1 sha512-l0KHH1SqIngBsQcZAsHujZldFMA+oMNSX/FJbIZCYtfRoHbXZPOa2xe6oPIxu7ye8JZI2fotbml3tqiF8myL/w==
  @fontsource/comfortaa 5.3.0 OFL-1.1 sha512-ab4DERH0q6ko8QCpEZzOV9ebK39LgQ2oM91AkLNqu0VIxxwT0nV2D3sOuI7iLirWWq4IMooaIN6/2llxrDN2JA==
  @fontsource/content 5.3.0 OFL-1.1 sha512-jEjNdR3vn20lL8SNDRJn8UrSzhRW/+U8ZR/jpi863+JHNEIeg7edGnrzocdvaNI6n34BLPi+Yjpm+pIBi7fWtQ==
  @fontsource/cousine 5.3.0 OFL-1.1 sha512-EhVes1KpHrmPwGVCoVxYpdiIi/L2LRGxbAuv07m3TdY76f9Vmwyhd/TNqi2RC0NOvMCNt2FtYPJcAfFfkK9DoQ==
  @fontsource/dangrek 5.3.0 OFL-1.1 sha512-Sqlg6UjYWd4EN50zc5iGT9XUb67V98b08y89igk6mxv24Ax7Vo/DpPccMaji+r4fXz5DrPidosW+qJqRx6pedQ==
  @fontsource/david-libre 5.3.0 OFL-1.1 sha512-esxHLO+pEmhnCb4HG4gRUfICz1xQyF+8EMH1rY76kaDl+IbqJmOTl3QuD9ddMnjElv48cCa5msmQymDA5vqr5Q==
  @fontsource/dhurjati 5.0.5 OFL-1.1 sha512-sRjK62AkHck/077DK8QToU3xwU1TAd7OVLZRX7BR8FOa5abDeJikN+nPdJ/yKTzQ4ufA+CNQ4WVuBOM41fdHEw==
  @fontsource/eb-garamond 5.3.0 OFL-1.1 sha512-VplwHpB8FLuzl+4G5LDci1b3Z4SghiuXH8XEgaxjnOb5aue5mEt1njmDKeO6iyLeGa73LffU7PC7hzncLRx0ZA==
  @fontsource/fasthand 5.0.20 OFL-1.1 sha512-8R44lLEMDi1+Z13MJou+gij/MC17uAbAIWTvukTzz+34izn+P/nK7Q2ZSDhdQgOVAHaPHO6un+fC/vPtr6sjMg==
  @fontsource/frank-ruhl-libre 5.3.0 OFL-1.1 sha512-t9cbVzyuEJZGYafP01s7FQ1KAkh/Fs2nakfPzZpPY8BtfvGlZxQRxXAqJ/qluyfZXilpqw0Hk+GlYiWfmSSRTg==
  @fontsource/freehand 5.2.8 OFL-1.1 sha512-ZJu6hdS3NKQ5mm7ukYRX3uEo91aQ6LxroClKRYlMHwRwMvpbnEtg5hJlMKQjqCLqH3TaUuBS30Ap6SqcLYH04g==
  @fontsource/galada 5.2.8 OFL-1.1 sha512-HwgfIxp7+nOFhgWdYa5xyZ6jR+8T7Ly4MDbuHJpZB1yhOOjPdU5jomXLcJ6TSrJrJqO/2GgzGUmQxsfltgoIEA==
  @fontsource/gfs-didot 5.3.0 OFL-1.1 sha512-q2iTXsuM04N1Qfpmjk8tM+zEegUY+chODcCV6T7q11hN12onfOflHKSinwIHxMgsXn3kJxt2ENkoaGJPFGJacw==
  @fontsource/gugi 5.3.0 OFL-1.1 sha512-ntP6y/AXG1l/gLKmY5nw8y30DiZyB3ycCPKCBtU8B4WjNOzDcr9rLTn8kcbz0FfS4ol/0+WQc+aLGnEkCgtZtg==
  @fontsource/hanuman 5.3.0 OFL-1.1 sha512-xNFoeucq6xAQQnT39Ae6OJFdsEFBDhgVlJkv6yJ/exzo+qP3reQRuPmSaJLWyReJ4xVO5WJHxo0+HZSfOzDkKg==
  @fontsource/heebo 5.3.0 OFL-1.1 sha512-Z01U2fWWrfJnSE6SmDYtZJ1uCnKs8V3WSdip/lVDfKnsC1ASumb7IZmOrXjaYK+PVm7qGD3+4cwTAFOxG5uMaw==
  @fontsource/hind 5.3.0 OFL-1.1 sha512-tN9N0AurZa2N8JakQw8Eqs5/1Rzpw7J6YA1mYpkkHZ3iTw1JjbSHq6V6hGjhRdZlUMHk1sN+jOhPmuF+RkRKEg==
  @fontsource/hind-madurai 5.3.0 OFL-1.1 sha512-Rt3HwuT4sfXphp0uviP5f76kArroNWfAoq78oVDaQaLxr2yfm7Xo2GrUc+4wcGpmVfAyEIKjp4yCjooncTrdQA==
  @fontsource/hind-siliguri 5.3.0 OFL-1.1 sha512-jTxXVXLTUYpiCqQ8zGzX9gK4pHkJ6nOn05nKqFjPEpqf3VY6gGREKAIvHfHprE/6N4ittSudnHsMPT10QQfgtw==
  @fontsource/ibm-plex-sans 5.3.0 OFL-1.1 sha512-CbE4CbbEEZJX860XyUiRpsksXIQR8Rp2XDva2VO53NJox9tVNtusrysd2x5YkUEY3ErQ66W1IiiQL8/wihhw5w==
  @fontsource/jura 5.3.0 OFL-1.1 sha512-0TNTRVaIiUp4Bw8RYrNgYUrq9flQIAUWnwZkrWe5aoY+FBTbMjxshKkAiVSsrW+SDLO0+wqjkqp944nKPIrRPw==
  @fontsource/kalam 5.3.0 OFL-1.1 sha512-FDkVoDfPDCSN/eO81FOYtUI67eMgpVBJmjBtAqSL0PmEhJyeFY2biC+CR+yEttksgXR9+swpFdYmQTyjwBq80Q==
  @fontsource/kantumruy-pro 5.3.0 OFL-1.1 sha512-pNspQPQGjG+fYx7YRHmjYodOhcHE4vCfxjPuefX7Qzydt4crLHCqrCk2VYiqLjJ9b/WKg1CEAMHKE3f/MAKHQA==
  @fontsource/kavivanar 5.3.0 OFL-1.1 sha512-d/3B5d5KAW1Mxo0GZaLdc9XRIWfN+5vdsbloaNBqDP5O9KNBgl3MzvyMWxKwmxgNoOTtL2ox5f0Fd5NYvPEfBg==
  @fontsource/khand 5.3.0 OFL-1.1 sha512-XgRPIi8UxIdvugPUPTjv2tQMSyqAvsZS5dnpvugLAMwnxIrbFM+4uSjpg6psTlTsN5AigUAnoX1Xum0o2OtA5w==
  @fontsource/koulen 5.3.0 OFL-1.1 sha512-WdCv4Sam+CDG7xx0FmNaWyEAGBT8P9tFISlGsaHE0LOpvg2OJ94c06eFTk5hSSdkn3P/bjDcsVvwuoXiCsfh8A==
  @fontsource/literata 5.3.0 OFL-1.1 sha512-9JGMT5+YfBK49thoMq9ASaMRJErHT4V4QuMhAEwKHRLreOsIMP2xP6ZRLhPJ0e6YlET+kjWTJuN7LAxt9/gWGQ==
  @fontsource/lobster 5.3.0 OFL-1.1 sha512-jt+RDk/8Sstl1Omhox62gTbvRSLbh06kn5BNfDFgf4rNuDPHF+19eWYFxzq5FsdkalbRJNtc5p5C3qE0+leNVg==
  @fontsource/mandali 5.3.0 OFL-1.1 sha512-CLuUBO1g7vUvJjHXhbgdre4pRwBznECsq7N3mcFAUjR71EaYjSj4XLHFV+IYohAygwqqNkvUlZlKBzrnO/d4EA==
  @fontsource/martel 5.3.0 OFL-1.1 sha512-E/L2GnnmYkcjgt6IMN9ISgr2ldDzSeO1J+aTMwWsOy+Ti4EEC8B9RHiU32kUMGiyI9Ot8JLzQ4FA39HH1tFfbQ==
  @fontsource/mina 5.3.0 OFL-1.1 sha512-i7IEGcTyghSBfKWocHbKS1rKWGX65J+Xja2Fb8TQ5gotlq5++uJ246fUxBWrcrtdqwCAtas2b0yHYt+uj2UBXA==
  @fontsource/moul 5.3.0 OFL-1.1 sha512-dgMxtlAn0/xt925nlyoKdQazCFqChitCEpW2SEpk/KvplLjRgrFXWoxRVHIi00xkCiKhmMm8dW/DOlQyNNs3Jg==
  @fontsource/moulpali 5.3.0 OFL-1.1 sha512-fv9e8TF3FlOkLlT1IVES2pGCFd20aQbqIfyQikDn3E6rwpyx6yVi/B/c38xGXsi53a2lhfmwNnbAFUmFk+5u0g==
  @fontsource/mukta 5.3.0 OFL-1.1 sha512-BIM9rx9SmHOcVR8cmOba9LnaFwhfiaFcclwgKV9rH4DIdCmD/tBBhtY02GGukuayxSbqfZ6pXzSO88IigTewDw==
  @fontsource/mukta-malar 5.3.0 OFL-1.1 sha512-t+U6736cFFzuA5bc4wdONPv1E2KvdiCS0IxAv9rjh66n9ax6AppY4HyFJnerH0w7VTrHdGmbYBFafn499hnDdw==
  @fontsource/nokora 5.1.0 OFL-1.1 sha512-BoOvt+1thpQ/RWja5LkHoGKC8VIMZx7TNqCyd1mhYrUI9cSIVygO9/A+75JiFnm4AXce1ku2ZlR+9V8vv8wD+A==
  @fontsource/noto-sans-armenian 5.3.0 OFL-1.1 sha512-ot9KkRsd2hDXGIMZQeRSvtsw1uoFIBIS+yL7ZLDHY8GpT2LJz7FaCxGT07Iudu0yNTlSEYNLLAbKcy2ZUIjzUA==
  @fontsource/noto-sans-bengali 5.3.0 OFL-1.1 sha512-EFBMU0UvzyFSc1ERK369zfqEu6DMRuWmCQ2+2ahhQTQAIDPEyN1UYlQdQeFkheu2DWG2hfdwrhiLlGFl2sSr/A==
  @fontsource/noto-sans-devanagari 5.3.0 OFL-1.1 sha512-7khYmipS/5KAUUmrO1DKir8yL8XI00d0+ZE9BqbS8XF1jzObv6CpPOk3UeYxF+Pvi8bx9bBvprBCOcbx/eQWTQ==
  @fontsource/noto-sans-georgian 5.3.0 OFL-1.1 sha512-+a+N1mvCugsggDb5eKPKcwDXQQtbaV+x9/Zo2/p2c9yAZeib+qD2ftbezbPAoLvBf4MP+F8BdDwHdrlnNRSdng==
  @fontsource/noto-sans-khmer 5.3.0 OFL-1.1 sha512-gdbZkSmmMa7up92bksz5uKkjt70hCmLr9Q9B/Bxu4qYfXr+BvRLvf7NDAO4WP64coTdCcrzmHFciXirbdJEToQ==
  @fontsource/noto-sans-tamil 5.3.0 OFL-1.1 sha512-webid7fyBljiIEJ1hXuey48vCUe2Oq3/EwYjo6XBtXItO9FoUmqy0bEnXA5iE++iC324BTI8QMy80SYtDheCzA==
  @fontsource/noto-sans-telugu 5.3.0 OFL-1.1 sha512-D5AD91Ok2wURk6Vf4sOe2KA3nf0M7qePboNVuvJbguOqLAplh3cGkEIX1qi9u1Jjcz9QWblQ5BbTXI/c+QjB9Q==
  @fontsource/noto-serif-armenian 5.3.0 OFL-1.1 sha512-kWKEd1YgIlWjOHPsfO0XO+O222TFwXI1Lz3szGyMcF6W+isCafE9xsItG1dTr2zqIw+2b2JL5VylGUsMMTT/XQ==
  @fontsource/noto-serif-bengali 5.3.0 OFL-1.1 sha512-CTEX03yqXP5A1GZUHiNOgNoHBWcwfrc7JskLSseAcOVMxopD8Wgc32naa58YRhMhXeZZoyoCjhfODwOiIxAQyA==
  @fontsource/noto-serif-georgian 5.3.0 OFL-1.1 sha512-qQ9sZDB9ikms7AmF2tRXCNSkD1ESKpbwcJMKI/ei+jjVwIpSu3Bu0hbR6gU3fbPahVIO1/JP0UNzB2sPSHtypw==
  @fontsource/noto-serif-khmer 5.3.0 OFL-1.1 sha512-xcu9AT0eDFVF4XLC/7w3nHyEnKQOfq1NzIMjL5GjmLMjGvOYCa44vG/cP5waBN6DWiQ66OxYcibenshB4m0KHA==
  @fontsource/noto-serif-tamil 5.3.0 OFL-1.1 sha512-Ksc/mqtACXTPzFQac1DF4xi4Cu4YhMYGQavu/DJX/wNxCIoCD/YUtYlK2tFDGs/uvKa8YbPXvGbIZP/j3C+7pQ==
  @fontsource/ntr 5.3.0 OFL-1.1 sha512-N/xWGw+d4SUdiyU+iNDoeAdyl/C6hjh4seUo4S2M+6b8dWA81mxph3n6hHCtrIEeXT06guDOHO8WGV0GoGV1UQ==
  @fontsource/odor-mean-chey 5.0.13 OFL-1.1 sha512-RINjwGJ6tluWchJKsp33ScNuOytGFYet3oMIDGSpjxbA0uAFsV2f4bT0owELiiYpeJEmxnM+lLnbtNzszDkkGQ==
  @fontsource/old-standard-tt 5.3.0 OFL-1.1 sha512-9cXU8XWqw4Pz9/9Lf6Otf1GPc0y17d96/nP9tzs4PLlq1IFMIxXszL3OLldaoyAn5YGr1r+tIXr0rlbgIeCYrg==
  @fontsource/open-sans 5.3.0 OFL-1.1 sha512-V1bdMlGNyZrJwzrdusshMOw2YR0aqYDL7kOo9dkxUEKl8dFv66A9HLckOOXl572sG/7ohhDQrCrTFGSn9LZcSw==
  @fontsource/pacifico 5.3.0 OFL-1.1 sha512-bWv0fHR1n36p7scRn+maaEaVeQCOq9yvfVfjyAeUzKrK4Y/3qiRAEj4hJgfxj/sjgZZGkeHyKPrbWdDaZtpCVw==
  @fontsource/pavanam 5.3.0 OFL-1.1 sha512-QXs8FFEewnfK/nDf+epQhAw+yxNObjC+UgYOR8vqDkW0utNFLusFuL2giPn1xGJQKutEDYDTI0sMtd6xXmvPJQ==
  @fontsource/peddana 5.3.0 OFL-1.1 sha512-+IjBFiGlPwCssmSaKcum/8fDjDjKReNenLpFTVPGBmotS6RPUOn+NrcKi4tNpqwEJUxuxwDyMVWuwC3AQ+kLEw==
  @fontsource/playfair-display 5.3.0 OFL-1.1 sha512-uJSABalvdWc10fEPppQjQocamT21LEyRfzzWfRfqbkPz+sRv+kKpYDKyluBUskvJREkJTos9epj1WjQROGu99Q==
  @fontsource/ponnala 5.3.0 OFL-1.1 sha512-vtNTvyPtVLIP5iMcDbuV+Sm9i5Rbtsde0kq6PZXrpHp0ERr+xzF8GazqiE4/dDzaiTNUJkL1P1KC7bs1TvvwPg==
  @fontsource/poor-story 5.3.0 OFL-1.1 sha512-L6FR+YlMi++oUpL59d9I3WrhPR8puj/LKGJtYWfpIZteQR/gLjaVHmohlXjMGoXR3pNtKrDFeP2xbmykBRo6HA==
  @fontsource/poppins 5.3.0 OFL-1.1 sha512-cms1nM7U6SN8epIV1WMVOV8VsA645aSm3wHfzIQnkk188U341ThbJGSl2Sv54V29gnDbT2arMPfLzvVIIVCceQ==
  @fontsource/preahvihear 5.3.0 OFL-1.1 sha512-8/4fmFe80F7bk17Iwbj5xdZhp75BZgOQsf78pRywxj8Pwas9rWqvo5ovphxuvJ5S+B1Jtu8EjvhFBYZFhm/VWQ==
  @fontsource/press-start-2p 5.3.0 OFL-1.1 sha512-gxWFxdeDglPhEYSwEeooomcaFK8kSQYLQwVxfnOJeYRj2sPEHXjpVtFgEaYfqzOjuAJGrIcJOipu2KY5YkbyuQ==
  @fontsource/rajdhani 5.3.0 OFL-1.1 sha512-oBJgSIibWJvVBKseme1JczqPLoDHN97LHti4uh0LjfcJqQoVmnQQlRKIpEjTJV559rmVQ6qbVZZwKwk2wkBTtw==
  @fontsource/ramabhadra 5.3.0 OFL-1.1 sha512-uU3mNXbTvoT4Vi4/xCP3H5VACwdCo6WUsg7nfaEcjeKp//WESeN6FQMuBWz/epK5L7uHAi08VgAZ427j6/qQ7g==
  @fontsource/roboto 5.3.0 OFL-1.1 sha512-BapRJOWYP+LZ21zp+wBQjfpPYKRoxc4LspJ/RLuI+HSMBD5u/X4O+ESDrSvEqDSy0rAl7GwBJ+09mdc16cVQ1Q==
  @fontsource/roboto-slab 5.3.0 Apache-2.0 sha512-nrl4sOt5OIoMV3VecGVOnNAADU/8vz6+CLtLr4cCAf106hVtSLCTObPN8Z2KdZ03U01UDvgIp3hsu2TX3jen6w==
  @fontsource/rubik 5.3.0 OFL-1.1 sha512-Nks2mn7vlE1jZVHuVgoKU2Ejqjvd+GJzLRdraCjo1xc79oo7O6vJ8pcvSfmKPGX3/Ln7nt09XWFzPeu2jWf0xQ==
  @fontsource/secular-one 5.3.0 OFL-1.1 sha512-T9g2sz5egZ8DrZOMCbefurb98ZIJV50lexM83Mxk3rkvrZKIseyzH5PAbtRNtwTGXwPqlXORokFOStIZXixqvg==
  @fontsource/siemreap 5.3.0 OFL-1.1 sha512-wzK5zaogmj6xINS8Qit1VISvQeAg5ij4pQmGyHgv7prxiADxd9dbRCjMMtjDJ3CVgxMCbJOG6PoQ0Ht4rBa0WA==
  @fontsource/source-sans-3 5.3.1 OFL-1.1 sha512-O3YxvbotUOgYI2Zx0bBcEMNjnwitRf9P2+9pd54sMoux1NHrdXnMwZusw2P78lFhEzOPN4glOEQmX0ASaS68uA==
  @fontsource/source-serif-4 5.3.1 OFL-1.1 sha512-cWcTCXjYYrgF9A67fThVir1VSc0lPEYmwQ6jA4pPt01s2MSCi/maINUcZoCzaqnU8fyUReDO97eGcBUkHgOeug==
  @fontsource/suez-one 5.3.0 OFL-1.1 sha512-YOa3AShfn9vKIiouTstu+jtxxi5ruovegmKOG/kPxqwJoymvaHBINzHZuPazsviwEslEMCkNo+F0TMXpwFXLRg==
  @fontsource/sunflower 5.3.1 OFL-1.1 sha512-tFgwZGfY9NGj58jcUCwToDT+3Hs8LO/8sd5LnJ+4ZTxBg8Lw1WvSHjRjyH1m3mpUUH66Z5i/dWG7/LzP0ovlBQ==
  @fontsource/suwannaphum 5.2.8 OFL-1.1 sha512-s8H0KQ2SPQvUDUa1we0OIuUOD+rh6TqoStQuhOg2AfUX64F7SrRUS+mVJ0Q2quLo9n1Keuqawynx5Q3AKmgJtg==
  @fontsource/taprom 5.3.0 OFL-1.1 sha512-xoBHCa/zuR0iE0enDJiI22rLnjqr7z1LQCpiHJK+9G0x+fccfkkjSsURzOtryfbHyRosbV3/H72wSJIIt/4IkA==
  @fontsource/teko 5.3.0 OFL-1.1 sha512-Kkc63jui7yWWSX0mYEhakA6vi5sK0UlTPn+ucNacqBYQ5flFpj2I/TJ8Vo3JlR9RG9kzUxfjAo6V/do7O+Vn5Q==
  @fontsource/timmana 5.3.0 OFL-1.1 sha512-3SLvw1H9HlKlcaTud8o8CUKnMshrEie/bUwUee1qrOrpppwmZSRiCuOFaJCYNdxa7qZdpZADGgRSaL4EtlwmSA==
  @fontsource/tinos 5.3.0 OFL-1.1 sha512-VVDyyZdbcsLKxo/W7rClAvacD/7DsGc7J5xzzp51Tndib8kDkEe/0bqbb3Xb3iH6+IUjt07aRsvtQ9MGeGGi4w==
  @fontsource/tiro-bangla 5.3.0 OFL-1.1 sha512-lwmDyUWLPgASmZFjfVtN6eShFoTIQ6o4Ch7hzrAf5XHbF4Tdo0S3GPCyw+IuNrwWi4FceTZazcNhR9KTmupAzA==
  @fontsource/vollkorn 5.3.0 OFL-1.1 sha512-ES6Z36o16TZTKigivtUc8s4ZJ5rOSjU1dBNjESCCL5u+x2JaP2RoinQqg+tUOYULPJ9rNvqZUPRSIznVvg1A/A==
  @fontsource/yatra-one 5.3.0 OFL-1.1 sha512-4lCIB+rkftIhBDklcZUgYFtzqNVIcAb+hdMGb6eDHtCH26cg2KU9lPWpZZScCaDlEfBpBxcElfVW4Plxx+R1MA==
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
