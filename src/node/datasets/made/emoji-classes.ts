// The emoji that are classes: code points, with the name that most vendors' drawings have. Of faces and of animals drawn in several ways
// one is taken; what icons are tested on (crown, umbrella, ...) is left out, and so are flags, clocks and what differs by colour alone.
export const EMOJI = new Map(
  `
  1f600:grinning-face 1f602:face-with-tears-of-joy 1f609:winking-face 1f60d:smiling-face-with-heart-eyes
  1f618:face-blowing-a-kiss 1f637:face-with-medical-mask 1f631:face-screaming-in-fear 1f634:sleeping-face
  1f62d:loudly-crying-face 1f621:enraged-face 1f913:nerd-face 1f910:zipper-mouth-face 1f607:smiling-face-with-halo
  1f608:smiling-face-with-horns 1f911:money-mouth-face 1f914:thinking-face 1f922:nauseated-face 1f920:cowboy-hat-face
  1f921:clown-face 1f912:face-with-thermometer 1f632:astonished-face 1f61d:squinting-face-with-tongue 1f4a9:pile-of-poo
  1f383:jack-o-lantern 1f648:see-no-evil-monkey 1f47a:goblin 2603:snowman 1f435:monkey-face 1f436:dog-face 1f43a:wolf
  1f98a:fox 1f431:cat-face 1f981:lion 1f42f:tiger-face 1f437:pig-face 1f40f:ram 1f410:goat 1f42a:camel 1f418:elephant
  1f98f:rhinoceros 1f42d:mouse-face 1f439:hamster 1f43f:chipmunk 1f987:bat 1f43b:bear 1f428:koala 1f43c:panda
  1f43e:paw-prints 1f983:turkey 1f413:rooster 1f424:baby-chick 1f427:penguin 1f985:eagle 1f986:duck 1f989:owl 1f438:frog
  1f40a:crocodile 1f422:turtle 1f98e:lizard 1f40d:snake 1f432:dragon-face 1f433:spouting-whale 1f42c:dolphin
  1f420:tropical-fish 1f421:blowfish 1f988:shark 1f419:octopus 1f41a:spiral-shell 1f40c:snail 1f41b:bug 1f41c:ant
  1f41d:honeybee 1f41e:lady-beetle 1f577:spider 1f982:scorpion 1f980:crab 1f991:squid 1f984:unicorn 1f98d:gorilla 1f98c:deer
  1f490:bouquet 1f338:cherry-blossom 1f3f5:rosette 1f339:rose 1f33a:hibiscus 1f33b:sunflower 1f337:tulip 1f331:seedling
  1f332:evergreen-tree 1f333:deciduous-tree 1f334:palm-tree 1f33e:sheaf-of-rice 1f340:four-leaf-clover 1f341:maple-leaf
  1f342:fallen-leaf 1f344:mushroom 1f33f:herb 1f347:grapes 1f348:melon 1f349:watermelon 1f34a:tangerine 1f34b:lemon
  1f34c:banana 1f34d:pineapple 1f34e:red-apple 1f350:pear 1f351:peach 1f353:strawberry 1f95d:kiwi-fruit 1f345:tomato
  1f346:eggplant 1f954:potato 1f33d:ear-of-corn 1f952:cucumber 1f95c:peanuts 1f330:chestnut 1f35e:bread 1f950:croissant
  1f956:baguette-bread 1f95e:pancakes 1f9c0:cheese-wedge 1f357:poultry-leg 1f953:bacon 1f354:hamburger 1f35f:french-fries
  1f32d:hot-dog 1f32e:taco 1f32f:burrito 1f373:cooking 1f372:pot-of-food 1f957:green-salad 1f371:bento-box 1f359:rice-ball
  1f35a:cooked-rice 1f35b:curry-rice 1f35c:steaming-bowl 1f35d:spaghetti 1f363:sushi 1f361:dango 1f366:soft-ice-cream
  1f367:shaved-ice 1f369:doughnut 1f36a:cookie 1f382:birthday-cake 1f370:shortcake 1f36b:chocolate-bar 1f36c:candy
  1f36d:lollipop 1f36e:custard 1f36f:honey-pot 1f37c:baby-bottle 1f95b:glass-of-milk 2615:hot-beverage
  1f375:teacup-without-handle 1f376:sake 1f37e:bottle-with-popping-cork 1f37a:beer-mug 1f943:tumbler-glass 1f5fa:world-map
  1f30b:volcano 1f3dd:desert-island 1f3df:stadium 1f3db:classical-building 1f3e0:house 1f3e2:office-building 1f3e5:hospital
  1f3e6:bank 1f3ed:factory 1f3f0:castle 1f3ef:japanese-castle 1f492:wedding 1f5fc:tokyo-tower 1f5fd:statue-of-liberty
  26ea:church 1f54c:mosque 26f2:fountain 1f3a1:ferris-wheel 1f3a2:roller-coaster 1f488:barber-pole 1f682:locomotive
  1f68a:tram 1f68c:bus 1f691:ambulance 1f692:fire-engine 1f693:police-car 1f695:taxi 1f697:automobile 1f69a:delivery-truck
  1f3cd:motorcycle 1f6f5:motor-scooter 26fd:fuel-pump 1f6a8:police-car-light 1f6a6:vertical-traffic-light 1f6a7:construction
  1f6a4:speedboat 1f6a2:ship 2708:airplane 1f681:helicopter 1f680:rocket 1f6f0:satellite 1f31e:sun-with-face 2b50:star
  2601:cloud 1f327:cloud-with-rain 1f308:rainbow 26a1:high-voltage 2744:snowflake 2604:comet 1f525:fire 1f4a7:droplet
  1f30a:water-wave 2600:sun 1f384:christmas-tree 1f386:fireworks 1f381:wrapped-gift 1f3ab:ticket 1f396:military-medal
  26bd:soccer-ball 26be:baseball 1f3c8:american-football 1f3be:tennis 1f94a:boxing-glove 26f3:flag-in-hole 1f3a3:fishing-pole
  1f3bd:running-shirt 1f3b1:pool-8-ball 1f3ae:video-game 1f579:joystick 1f3b0:slot-machine 1f3b2:game-die
  1f3a8:artist-palette 1f3ad:performing-arts 1f453:glasses 1f454:necktie 1f455:t-shirt 1f458:kimono 1f459:bikini 1f45b:purse
  1f45c:handbag 1f392:backpack 1f45e:mans-shoe 1f462:womans-boot 1f3a9:top-hat 1f393:graduation-cap 1f484:lipstick 1f48d:ring
  1f48e:gem-stone 1f514:bell 1f4ef:postal-horn 1f3b5:musical-note 1f3a4:microphone 1f3a7:headphone 1f4fb:radio
  1f3b7:saxophone 1f3ba:trumpet 1f3bb:violin 1f941:drum 1f3b9:musical-keyboard 1f4f1:mobile-phone 260e:telephone
  1f50b:battery 1f50c:electric-plug 1f4bb:laptop 1f5a8:printer 2328:keyboard 1f5b1:computer-mouse 1f4be:floppy-disk
  1f4bf:optical-disk 1f3a5:movie-camera 1f39e:film-frames 1f4fa:television 1f4f7:camera 1f50d:magnifying-glass-tilted-left
  1f56f:candle 1f4a1:light-bulb 1f526:flashlight 1f3ee:red-paper-lantern 1f4d6:open-book 1f4da:books 1f4dc:scroll
  1f4f0:newspaper 1f3f7:label 1f4b0:money-bag 1f4b5:dollar-banknote 1f4b3:credit-card 2709:envelope 1f4e6:package
  1f4ee:postbox 270f:pencil 1f58c:paintbrush 1f58d:crayon 1f4dd:memo 1f4bc:briefcase 1f4c1:file-folder 1f4c5:calendar
  1f4ca:bar-chart 1f4cc:pushpin 1f4ce:paperclip 1f4cf:straight-ruler 1f5d1:wastebasket 1f512:locked 1f511:key 1f528:hammer
  26cf:pick 1f527:wrench 1f529:nut-and-bolt 2699:gear 26d3:chains 1f489:syringe 1f48a:pill 1f6aa:door 1f6bd:toilet
  1f6bf:shower 1f6d2:shopping-cart 1f6ac:cigarette 1f5ff:moai 1f4a3:bomb 1f52e:crystal-ball 1f52d:telescope 1f52c:microscope
  1f4e1:satellite-antenna 23f0:alarm-clock 231a:watch 1f321:thermometer 1f52a:kitchen-knife 1f374:fork-and-knife
  1f3fa:amphora 1f30d:globe-showing-europe-africa 2764:red-heart 1f494:broken-heart 1f498:heart-with-arrow
  1f4ac:speech-balloon 1f4a2:anger-symbol 1f4a4:zzz 1f4a5:collision 1f4ab:dizzy 1f4af:hundred-points 267f:wheelchair-symbol
  26a0:warning 26d4:no-entry 2622:radioactive 2623:biohazard 267b:recycling-symbol 262f:yin-yang 262e:peace-symbol 1f549:om
  269b:atom-symbol 269c:fleur-de-lis 1f531:trident-emblem 2705:check-mark-button 274c:cross-mark 00a9:copyright
  00ae:registered 1f44d:thumbs-up 1f44f:clapping-hands 270a:raised-fist 270c:victory-hand 1f44c:ok-hand 1f4aa:flexed-biceps
  1f442:ear 1f443:nose 1f441:eye 1f444:mouth 1f445:tongue 1f463:footprints 1f476:baby 1f474:old-man 1f46e:police-officer
  1f477:construction-worker 1f385:santa-claus 1f478:princess 1f482:guard 1f575:detective
  `
    .trim()
    .split(/\s+/)
    .map((word): [codePoint: string, name: string] => {
      const [codePoint = "", name = ""] = word.split(":");
      return [codePoint, name];
    }),
);
