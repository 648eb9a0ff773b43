// Scripts whose letters are classes, with the fonts that draw them. Letters that look like one of another class, in whatever script, are
// left out: of those that Latin, Greek and Cyrillic share one is kept. Khmer is for testing: no training set has it, nor Thai and Lao, which
// are near it; Arabic and Thai have domains of their own for choosing and testing.

export interface Script {
  readonly letters: string;
  /** Packages of @fontsource that have the script. */
  readonly fonts: string;
}

/** Latin, Greek and Cyrillic, in most cases all three. */
const EUROPEAN = `roboto open-sans source-sans-3 source-serif-4 alegreya literata comfortaa playfair-display jura tinos cousine arimo vollkorn
  old-standard-tt cardo eb-garamond ibm-plex-sans advent-pro press-start-2p caveat lobster gfs-didot pacifico roboto-slab`;

export const TRAIN_SCRIPTS: Readonly<Record<string, Script>> = {
  latin: { letters: "ABCDEFGHJKLMNOPQRSTUVWXYZabdefghijmnqrt23456789", fonts: EUROPEAN },
  greek: { letters: "ΓΔΘΛΞΠΣΦΨΩβγδεζλμξπσςω", fonts: EUROPEAN },
  cyrillic: { letters: "БДЖИЦЧШЫЭЮЯЂЉЊ", fonts: EUROPEAN },
  hebrew: {
    letters: "אבגדהזטלמנעפצקשתףץ",
    fonts:
      "heebo rubik assistant frank-ruhl-libre amatic-sc suez-one secular-one david-libre bellefair alef tinos arimo cousine cardo",
  },
  devanagari: {
    letters: "अइउएकखगघचछजझञटठडढणतदनपफबभमयरलशसह",
    fonts: "hind mukta poppins baloo-2 kalam teko khand martel yatra-one rajdhani noto-sans-devanagari",
  },
  bengali: {
    letters: "অইউএওকখগঘঙচছজঝঞটঠডঢণতথদধনপফবভমযলশসহ",
    fonts: "hind-siliguri noto-sans-bengali noto-serif-bengali atma galada mina tiro-bangla baloo-da-2",
  },
  tamil: {
    letters: "அஇஉஎஐஒகஙசஞணதநமயரலவழளறஜஷஸஹ",
    fonts: "hind-madurai catamaran coiny noto-sans-tamil noto-serif-tamil mukta-malar pavanam kavivanar baloo-thambi-2",
  },
  telugu: {
    letters: "అఇఉఎఒకఖగఘచజఝఞటడణతథనపబమయరలవశసహళ",
    fonts: "noto-sans-telugu ramabhadra mandali ntr peddana ponnala timmana dhurjati",
  },
  georgian: { letters: "აბგდეთილმოპჟრსტუფქღყშცწჭჯჰ", fonts: "noto-sans-georgian noto-serif-georgian" },
  armenian: { letters: "ԲԳԴԵԶԸԹԺԾԿՀՂՃՆՇՋՊՌՎՔՖ", fonts: "noto-sans-armenian noto-serif-armenian" },
  hangul: {
    letters: "가나다라마바사자카타파하고노도로모보소조구무국글물한",
    fonts: "gugi poor-story black-han-sans sunflower",
  },
};

export const TEST_SCRIPTS: Readonly<Record<string, Script>> = {
  khmer: {
    letters: "កខគឃងចឆជឈញដឋឌឍណតថទធនបផពភមយរលវសហឡអឥឧឩឪឫឯឱ",
    fonts: `noto-sans-khmer noto-serif-khmer battambang bayon bokor chenla content dangrek fasthand freehand hanuman koulen kantumruy-pro moul
      moulpali nokora odor-mean-chey preahvihear siemreap suwannaphum taprom angkor`,
  },
};
