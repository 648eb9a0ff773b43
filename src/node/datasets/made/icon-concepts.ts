// What icons show: the classes of the icon sets, with the names that sets of icons have for them. Those for testing are no class of
// any training set, nor of the emoji.

/** A concept a word: its class, and after `=` the names that icons of it have. */
function concepts(text: string): ReadonlyMap<string, readonly string[]> {
  const rows = text
    .trim()
    .split(/\s+/)
    .map((word) => {
      const [name = "", ...names] = word.split(/[=|]/);
      return [name, [name, ...names]] as const;
    });
  return new Map(rows);
}

export const TRAIN_CONCEPTS = concepts(`
  airplane=plane alarm=alarm-clock ambulance archive at atom backpack bank=building-bank barcode battery=battery-full bed beer=beer-stein|beer-mug bell
  bluetooth bomb book book-open bookmark box=package|cube-box brain bread briefcase brush=paint-brush|paintbrush bug building=building-office bus
  cake=birthday-cake|cake-variant calculator calendar camera car cart=shopping-cart castle cat chat=chat-bubble|comment|message chart-bar=bar-chart
  chart-pie=pie-chart check cheese church=building-church clipboard clock cloud code coffee=coffee-cup|cafe coins=coin compass cookie copy cpu=chip|processor
  credit-card crop cube cursor database desktop=computer|monitor dice diamond=gem dna=dna-helix dog download drone egg envelope=mail|email
  eraser eye=visibility factory=industry feather file=document filter=funnel fingerprint fire=flame fish flag flashlight=torch flask=beaker flower
  folder folder-open fridge=refrigerator gamepad=game-controller gavel gift=present globe grid=grid-view graduation-cap=mortarboard hamburger hammer hand
  handbag handshake headphones=headphone headset heart=favorite hospital house=home ice-cream image=picture|photo inbox infinity info=information key
  keyboard lamp laptop layers leaf lightbulb=bulb|light-bulb link list lock=padlock lemon lipstick map map-pin=location|pin|map-marker medal megaphone=bullhorn
  menu microphone=mic mobile=smartphone|cellphone|phone-portrait mountain=mountains mouse music-note=music|musical-note newspaper=news octagon palette=color-palette paperclip=attachment
  pause pencil=edit percent=percentage phone=call|telephone piano piggy-bank pill=pills|medication planet play plug plus printer=print puzzle=puzzle-piece|extension
  qr-code=qrcode question=help question-mark radar radio rainbow receipt recycle=recycling refresh=sync|reload robot rocket rss ruler satellite save=floppy-disk
  scan scale=scales|balance-scale search=magnifying-glass|magnifier server settings=gear|cog share shield shopping-bag shower shuffle signal snowflake speaker square-root=radical star stethoscope sun=sunny syringe t-shirt=shirt table tablet tag target terminal test-tube thermometer
  thumbs-up=thumb-up|like ticket toilet tornado train translate trash=trash-can|delete|bin tree truck tv=television|television-classic usb user=person|account users=people|group
  video=video-camera virus volume=volume-up|speaker-high volume-mute=volume-off|speaker-slash wallet washing-machine watch wheelchair wifi wind wrench x=close|cross yin-yang
`);

export const TEST_CONCEPTS = concepts(`
  alien anchor armchair avocado axe baby-carriage balloon barn baseball-cap basketball bathtub belt bicycle binoculars bird bone bowling-ball broom bulldozer
  butterfly cable-car cactus carrot cherries cow crown dress fire-extinguisher ghost guitar high-heel horse hourglass ladder lighthouse magnet martini moon
  pants pepper ping-pong pizza popcorn rabbit sailboat scissors screwdriver shovel shrimp skull sneaker stairs sunglasses sword tent tooth tractor traffic-cone
  trophy umbrella windmill wine yarn
`);
