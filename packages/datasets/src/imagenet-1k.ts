import type { ClassList } from './class-list.ts';

/*
 * The 1,000 classes of ImageNet-1k (ILSVRC 2012) in the order used by torchvision, timm and networks trained with them: sorted by WordNet id.
 * The development kit numbers the classes differently.
 *
 * Ids: timm 1.0.29, timm/data/_info/imagenet_synsets.txt (Apache-2.0). Names: torchvision 0.14.1, torchvision/models/_meta.py (BSD-3-Clause).
 */

/** The difference between each id and the one before it, in base 36. */
const distances = `
uvp8 251 vvl 50v 2ei 1fk 1bi ctv 5b 33n 90x gr 19v 18k 2ef gjt 13m f62 1nj 7m0 7ey 576 50d 12p 4zh 5fk nn rl m3 8v 6sg 25o en esd 150 17p ig 139 51f
19o 44k 2dy 1oa 7d 17k 1y2 rt ng oi 1ul wv 4dv ipl 9o b6 i7 3fd lf 1ew 1tk ku 1kp 1px 2zb 1aj 1e9 1cc 1m5 jq 981 1f1 8o 24s aw 6w gb a6 8o yr 6ga 8dy
m3 16y gm 5wr bs pt 82h fm m6 y9 33x 3e3 cb 3e0 758 8u 2sh 674 hs 3hf 8jq vk p9 3h2 3s6 9w lct 2za 22g 5vv 40c amz dn zz 3w6 3cx anp 78u 4o 1bj uu
1p9 xq c1 u6 3je 92k 4o 318 p2 1af iz 170 12l nt 2pf rm gc 4z0 1ql f3 3v2 351 bdb 3n9 19v 66w 3w9 2dd 2qs 5xt 4i 4a 3z 4h ba 7c 3s 9o jg 40 3i 2u 4m
ce lx 2y ba 6r 2r 8n 2u 32 67 4o 5g 4r 9d ph 4s 63 2z 2x 3o 3f 40 4v oh 74 8v 4i 3i 39 3z 44 cu 2b 27 2h 4w 54 cf 51 3j nq 4i 4s 33 3t ar 9n 48 3y 3l
am 4o dg 3t 3x 4i dp tc 9c j7 2y 2h 4h 2l 3s 5y 4v 3s 60 4o 34 dc 4q 7a 31 69 2k 2h 99 3l a4 3o da c4 2u 3e 4c 7y 4z 48 4r 44 67 at 3l 3b 5x 9w 8t 4j
c6 2g 2f 4z at 51 4k 3z lu 7k mx b1 1gf lb 82 bu 1yk 36 6j 5n da yc 1cd 111 ac 4o 6o c7 jk 1es sh pn 9a 2ez os kko 9r 1b3 170 m6 22l 1ej 32b 9eq cvm
9qu 5cv 2ej 1hz 1ff 236 fwk 1z0 3z3 35c be 5pp 158 1py it l1 al rfg 1cw 1vm 2yl tm 1bq bdb 2vy 7uj 3i3 1ac 1ac ish 1k7 3d1 sd il 13l 3gi 46q 1ls 17n
2p5 1sx 38g gh 8z b0y 8g 3c6 p3 7h aa 113 ow 19v 5et 2c5 htb a0 qw 16r 9m z7 zq 45 q1 q8 bf cw t9 1eg hd nl 7w 7y 2ru 202 2w2 cd 44t hs 2rm 9bk 8af
1hdw sc ple vl 1or 8u6 8mg ox 212 2ec 2vr 86m 2gx 1xk 53t 15w 2xa 2jp ex1 2pc cjb 1ry fn1 5b7 id 3pd to 28h 17g em 274 3k 42 1pt id s5 1n2 1dc 2l7
1j8 5g 1y3 wj 3s 4p9 93 r2 1aq 4k8 8y 1gz 6qs oa 1xy 1w8 tq 1tt c5r 130 3h4 3gm sz hx 4tc 1i9 2ov 6xw fq 1f2 f9 8xo 2f4 df 52v 3n 7se 2s5 6hv 6uv 24i
es 6b 8xi 20w be dq 3lp 21j 2cv 1en 8h yv 11j 50w 30j 8u 5b5 k4 35 c5 ath 1qg 5z wt 6al 17p 37x 78k nu 2h4 1jc b8b 11m 2i 1c7 7oa 7fv 3k3 4or 3i5 6vi
167 abi 3j 17b r6 sw 4y 2td 1s0 nx 5gs 3e4 ave eyo 8m 5uo q0 5xi v4 2zj 51j 5i rp 636 122 1sb 25e dew 6uu zi 387 3a2 9hi c4 fc dyj we 4do dc5 8c4 8x0
5lh ue 172 6uw cfc 3iu 1w8 439 2uj 3w a6 44z rw 43n 33o 9vb 5mb u8 duu if 1cf 43 16b 7m 1xp 1xr 3zd 1g1 18q 4dv 7f4 8j 18e 1zr y9 pb 1m3 ar 57g 1c8
r8 19e 1li lz6 1v4 lq 1ke 1h0 xc 20y 4fd uy7 fz 4n0 305 5v il 2k4 fg 2md b9h 4eu 342 2fj 238 39f 48g 5hb 5kc tk 27e 17a 32u 2sh 26b 2o0 2zk 85z eh tj
3gl 746 2ru aa cc 2c 5bp 2it dp 2ou 3to 2jt 46 ek 6eu p1 d2i ve 284 lc 3yx fi 6o 26h 17j d7 pe us 56 2oy l6 2bm 1gd 3n wb 4q 22o 1c1 5a ed fr 1t5 5b7
14k 7mv 7f 8ea 5b9 40c sm 1di cu 1v0 83y 2wj 6da 1o0 h9 24t 1do od 8i 19c yh ad 520 2jo fk 9o 21i 29 3hy 30e 1th 1cf 3ny 2o 5n9 3a9 3dz 3ud 5f cq 8t
2jr 12y 1pc jh 3ix 16g 2qj 1t0 3h3 13m 1li 2os 4ij 202 4vb 5a 10d 28s 178 qu 5wy 147 27j 26e 52l nz 2bg pi 7ph 3et 1w7 5rw 2m 2ns 1hu 12a lt 2g4 3jf
cbl 1p4 1ii zx 39o 4vi 3uo 32u 7hm 8x6 3ud 1ka 6m 1bl 3hw 1pw 3fd 1mb 1yo 3nr 6z i0 3kv ft 212 258 w6 mm 6a5 d9z 9v5 692 dt 29p 31 2zb pn 2y ein 1cy
4nw 28n 8n 3g8 5v2 px 44 1gn fk 2p 2ld 15g 2sr 123 hz kj 36t 2n2 1iz 1e4 5wo 17j 7pf ads re 4q 4mp 6kx nf 19j 1lt 1iw 2go 11p 68h 14f 13m 2fj 3f5 gj
3f yy 6zh ux 2ao r2 9k gk 3h6 2tl 6k4 31s 3wj 116 3vq 3xr 6al j1 48g 3cq wx 4ud 54z q9 3jw 6da 1xy 2d3 f4 2il 1o4 6mq 25f 2kz pe 1db r0 sj 8p 4mb 65x
35w 1at 1qu 4b6 26c 3cp 11p 161 7f 58x fo 38k 2gj 28a 449 2a 1em 1o4 11n r9 2ac 2fo 1n7 cia 7z 3on 4dv 6n sk fg sk 335 wj 10q 469 18n 4tp x4 11eu1
5303 4222 6iw 1psb 80on 6sez bcg 2j3 t0 50l hn9 sc ze 1gpi 7ft 1k1 17n 68 ats 2be bn 35 yv f8 e0 42 pg 7n 1n4 72e 3mv 5u9 2sr 1ab 1iv 2q3 4i 8t uc
4rj 61n ppw mgw 4e4 imu 8cm 1jh 11d 4hk 8wo l90 8cc wn r1ia rs4 cxf 7q7 ot8 y5b 1fgu h93 4w6 v3r 32x 7s0t 6p5d 8y8w s62c 19zg 2iu0 1vex 2mzd 7k9x
36aw 4nkn 9zy trz 28h 3gb 638 1gi 1ozx 15m3c
`;

/** The class names of torchvision. */
const names = `
tench;goldfish;great white shark;tiger shark;hammerhead;electric ray;stingray;cock;hen;ostrich;brambling;goldfinch;house finch;junco;indigo bunting;
robin;bulbul;jay;magpie;chickadee;water ouzel;kite;bald eagle;vulture;great grey owl;European fire salamander;common newt;eft;spotted salamander;
axolotl;bullfrog;tree frog;tailed frog;loggerhead;leatherback turtle;mud turtle;terrapin;box turtle;banded gecko;common iguana;American chameleon;
whiptail;agama;frilled lizard;alligator lizard;Gila monster;green lizard;African chameleon;Komodo dragon;African crocodile;American alligator;
triceratops;thunder snake;ringneck snake;hognose snake;green snake;king snake;garter snake;water snake;vine snake;night snake;boa constrictor;
rock python;Indian cobra;green mamba;sea snake;horned viper;diamondback;sidewinder;trilobite;harvestman;scorpion;black and gold garden spider;
barn spider;garden spider;black widow;tarantula;wolf spider;tick;centipede;black grouse;ptarmigan;ruffed grouse;prairie chicken;peacock;quail;
partridge;African grey;macaw;sulphur-crested cockatoo;lorikeet;coucal;bee eater;hornbill;hummingbird;jacamar;toucan;drake;red-breasted merganser;
goose;black swan;tusker;echidna;platypus;wallaby;koala;wombat;jellyfish;sea anemone;brain coral;flatworm;nematode;conch;snail;slug;sea slug;chiton;
chambered nautilus;Dungeness crab;rock crab;fiddler crab;king crab;American lobster;spiny lobster;crayfish;hermit crab;isopod;white stork;black stork;
spoonbill;flamingo;little blue heron;American egret;bittern;crane bird;limpkin;European gallinule;American coot;bustard;ruddy turnstone;
red-backed sandpiper;redshank;dowitcher;oystercatcher;pelican;king penguin;albatross;grey whale;killer whale;dugong;sea lion;Chihuahua;
Japanese spaniel;Maltese dog;Pekinese;Shih-Tzu;Blenheim spaniel;papillon;toy terrier;Rhodesian ridgeback;Afghan hound;basset;beagle;bloodhound;
bluetick;black-and-tan coonhound;Walker hound;English foxhound;redbone;borzoi;Irish wolfhound;Italian greyhound;whippet;Ibizan hound;
Norwegian elkhound;otterhound;Saluki;Scottish deerhound;Weimaraner;Staffordshire bullterrier;American Staffordshire terrier;Bedlington terrier;
Border terrier;Kerry blue terrier;Irish terrier;Norfolk terrier;Norwich terrier;Yorkshire terrier;wire-haired fox terrier;Lakeland terrier;
Sealyham terrier;Airedale;cairn;Australian terrier;Dandie Dinmont;Boston bull;miniature schnauzer;giant schnauzer;standard schnauzer;Scotch terrier;
Tibetan terrier;silky terrier;soft-coated wheaten terrier;West Highland white terrier;Lhasa;flat-coated retriever;curly-coated retriever;
golden retriever;Labrador retriever;Chesapeake Bay retriever;German short-haired pointer;vizsla;English setter;Irish setter;Gordon setter;
Brittany spaniel;clumber;English springer;Welsh springer spaniel;cocker spaniel;Sussex spaniel;Irish water spaniel;kuvasz;schipperke;groenendael;
malinois;briard;kelpie;komondor;Old English sheepdog;Shetland sheepdog;collie;Border collie;Bouvier des Flandres;Rottweiler;German shepherd;Doberman;
miniature pinscher;Greater Swiss Mountain dog;Bernese mountain dog;Appenzeller;EntleBucher;boxer;bull mastiff;Tibetan mastiff;French bulldog;
Great Dane;Saint Bernard;Eskimo dog;malamute;Siberian husky;dalmatian;affenpinscher;basenji;pug;Leonberg;Newfoundland;Great Pyrenees;Samoyed;
Pomeranian;chow;keeshond;Brabancon griffon;Pembroke;Cardigan;toy poodle;miniature poodle;standard poodle;Mexican hairless;timber wolf;white wolf;
red wolf;coyote;dingo;dhole;African hunting dog;hyena;red fox;kit fox;Arctic fox;grey fox;tabby;tiger cat;Persian cat;Siamese cat;Egyptian cat;cougar;
lynx;leopard;snow leopard;jaguar;lion;tiger;cheetah;brown bear;American black bear;ice bear;sloth bear;mongoose;meerkat;tiger beetle;ladybug;
ground beetle;long-horned beetle;leaf beetle;dung beetle;rhinoceros beetle;weevil;fly;bee;ant;grasshopper;cricket;walking stick;cockroach;mantis;
cicada;leafhopper;lacewing;dragonfly;damselfly;admiral;ringlet;monarch;cabbage butterfly;sulphur butterfly;lycaenid;starfish;sea urchin;sea cucumber;
wood rabbit;hare;Angora;hamster;porcupine;fox squirrel;marmot;beaver;guinea pig;sorrel;zebra;hog;wild boar;warthog;hippopotamus;ox;water buffalo;
bison;ram;bighorn;ibex;hartebeest;impala;gazelle;Arabian camel;llama;weasel;mink;polecat;black-footed ferret;otter;skunk;badger;armadillo;
three-toed sloth;orangutan;gorilla;chimpanzee;gibbon;siamang;guenon;patas;baboon;macaque;langur;colobus;proboscis monkey;marmoset;capuchin;
howler monkey;titi;spider monkey;squirrel monkey;Madagascar cat;indri;Indian elephant;African elephant;lesser panda;giant panda;barracouta;eel;coho;
rock beauty;anemone fish;sturgeon;gar;lionfish;puffer;abacus;abaya;academic gown;accordion;acoustic guitar;aircraft carrier;airliner;airship;altar;
ambulance;amphibian;analog clock;apiary;apron;ashcan;assault rifle;backpack;bakery;balance beam;balloon;ballpoint;Band Aid;banjo;bannister;barbell;
barber chair;barbershop;barn;barometer;barrel;barrow;baseball;basketball;bassinet;bassoon;bathing cap;bath towel;bathtub;beach wagon;beacon;beaker;
bearskin;beer bottle;beer glass;bell cote;bib;bicycle-built-for-two;bikini;binder;binoculars;birdhouse;boathouse;bobsled;bolo tie;bonnet;bookcase;
bookshop;bottlecap;bow;bow tie;brass;brassiere;breakwater;breastplate;broom;bucket;buckle;bulletproof vest;bullet train;butcher shop;cab;caldron;
candle;cannon;canoe;can opener;cardigan;car mirror;carousel;carpenter's kit;carton;car wheel;cash machine;cassette;cassette player;castle;catamaran;
CD player;cello;cellular telephone;chain;chainlink fence;chain mail;chain saw;chest;chiffonier;chime;china cabinet;Christmas stocking;church;cinema;
cleaver;cliff dwelling;cloak;clog;cocktail shaker;coffee mug;coffeepot;coil;combination lock;computer keyboard;confectionery;container ship;
convertible;corkscrew;cornet;cowboy boot;cowboy hat;cradle;crane;crash helmet;crate;crib;Crock Pot;croquet ball;crutch;cuirass;dam;desk;
desktop computer;dial telephone;diaper;digital clock;digital watch;dining table;dishrag;dishwasher;disk brake;dock;dogsled;dome;doormat;
drilling platform;drum;drumstick;dumbbell;Dutch oven;electric fan;electric guitar;electric locomotive;entertainment center;envelope;espresso maker;
face powder;feather boa;file;fireboat;fire engine;fire screen;flagpole;flute;folding chair;football helmet;forklift;fountain;fountain pen;four-poster;
freight car;French horn;frying pan;fur coat;garbage truck;gasmask;gas pump;goblet;go-kart;golf ball;golfcart;gondola;gong;gown;grand piano;greenhouse;
grille;grocery store;guillotine;hair slide;hair spray;half track;hammer;hamper;hand blower;hand-held computer;handkerchief;hard disc;harmonica;harp;
harvester;hatchet;holster;home theater;honeycomb;hook;hoopskirt;horizontal bar;horse cart;hourglass;iPod;iron;jack-o'-lantern;jean;jeep;jersey;
jigsaw puzzle;jinrikisha;joystick;kimono;knee pad;knot;lab coat;ladle;lampshade;laptop;lawn mower;lens cap;letter opener;library;lifeboat;lighter;
limousine;liner;lipstick;Loafer;lotion;loudspeaker;loupe;lumbermill;magnetic compass;mailbag;mailbox;maillot;maillot tank suit;manhole cover;maraca;
marimba;mask;matchstick;maypole;maze;measuring cup;medicine chest;megalith;microphone;microwave;military uniform;milk can;minibus;miniskirt;minivan;
missile;mitten;mixing bowl;mobile home;Model T;modem;monastery;monitor;moped;mortar;mortarboard;mosque;mosquito net;motor scooter;mountain bike;
mountain tent;mouse;mousetrap;moving van;muzzle;nail;neck brace;necklace;nipple;notebook;obelisk;oboe;ocarina;odometer;oil filter;organ;oscilloscope;
overskirt;oxcart;oxygen mask;packet;paddle;paddlewheel;padlock;paintbrush;pajama;palace;panpipe;paper towel;parachute;parallel bars;park bench;
parking meter;passenger car;patio;pay-phone;pedestal;pencil box;pencil sharpener;perfume;Petri dish;photocopier;pick;pickelhaube;picket fence;pickup;
pier;piggy bank;pill bottle;pillow;ping-pong ball;pinwheel;pirate;pitcher;plane;planetarium;plastic bag;plate rack;plow;plunger;Polaroid camera;pole;
police van;poncho;pool table;pop bottle;pot;potter's wheel;power drill;prayer rug;printer;prison;projectile;projector;puck;punching bag;purse;quill;
quilt;racer;racket;radiator;radio;radio telescope;rain barrel;recreational vehicle;reel;reflex camera;refrigerator;remote control;restaurant;revolver;
rifle;rocking chair;rotisserie;rubber eraser;rugby ball;rule;running shoe;safe;safety pin;saltshaker;sandal;sarong;sax;scabbard;scale;school bus;
schooner;scoreboard;screen;screw;screwdriver;seat belt;sewing machine;shield;shoe shop;shoji;shopping basket;shopping cart;shovel;shower cap;
shower curtain;ski;ski mask;sleeping bag;slide rule;sliding door;slot;snorkel;snowmobile;snowplow;soap dispenser;soccer ball;sock;solar dish;sombrero;
soup bowl;space bar;space heater;space shuttle;spatula;speedboat;spider web;spindle;sports car;spotlight;stage;steam locomotive;steel arch bridge;
steel drum;stethoscope;stole;stone wall;stopwatch;stove;strainer;streetcar;stretcher;studio couch;stupa;submarine;suit;sundial;sunglass;sunglasses;
sunscreen;suspension bridge;swab;sweatshirt;swimming trunks;swing;switch;syringe;table lamp;tank;tape player;teapot;teddy;television;tennis ball;
thatch;theater curtain;thimble;thresher;throne;tile roof;toaster;tobacco shop;toilet seat;torch;totem pole;tow truck;toyshop;tractor;trailer truck;
tray;trench coat;tricycle;trimaran;tripod;triumphal arch;trolleybus;trombone;tub;turnstile;typewriter keyboard;umbrella;unicycle;upright;vacuum;vase;
vault;velvet;vending machine;vestment;viaduct;violin;volleyball;waffle iron;wall clock;wallet;wardrobe;warplane;washbasin;washer;water bottle;
water jug;water tower;whiskey jug;whistle;wig;window screen;window shade;Windsor tie;wine bottle;wing;wok;wooden spoon;wool;worm fence;wreck;yawl;
yurt;web site;comic book;crossword puzzle;street sign;traffic light;book jacket;menu;plate;guacamole;consomme;hot pot;trifle;ice cream;ice lolly;
French loaf;bagel;pretzel;cheeseburger;hotdog;mashed potato;head cabbage;broccoli;cauliflower;zucchini;spaghetti squash;acorn squash;butternut squash;
cucumber;artichoke;bell pepper;cardoon;mushroom;Granny Smith;strawberry;orange;lemon;fig;pineapple;banana;jackfruit;custard apple;pomegranate;hay;
carbonara;chocolate sauce;dough;meat loaf;pizza;potpie;burrito;red wine;espresso;cup;eggnog;alp;bubble;cliff;coral reef;geyser;lakeside;promontory;
sandbar;seashore;valley;volcano;ballplayer;groom;scuba diver;rapeseed;daisy;yellow lady's slipper;corn;acorn;hip;buckeye;coral fungus;agaric;
gyromitra;stinkhorn;earthstar;hen-of-the-woods;bolete;ear;toilet tissue
`;

/** WordNet ids, `n01440764` …, and class names. */
export const imagenet1k: ClassList = {
  keys: idsOf(distances),
  names: names.replaceAll('\n', '').split(';'),
};

function idsOf(text: string): string[] {
  let id = 0;
  return text
    .trim()
    .split(/\s+/)
    .map((distance) => `n${String((id += parseInt(distance, 36))).padStart(8, '0')}`);
}
