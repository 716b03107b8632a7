"""The pieces that names are made of, by tradition: no registry or census stands behind them."""


def words(text: str) -> tuple[str, ...]:
    """The words of a text, in order."""
    return tuple(text.split())


COMMON_SURNAMES = words(
    """Johnson Lopez Williams Smith Garcia Brown Davis Rodriguez Jones Miller Martinez Wilson Thomas
    Hernandez Jackson Taylor Moore White Gonzalez Harris Martin Perez Thompson Robinson Clark
    Sanchez Lewis Walker Ramirez Hall Allen Young King Wright Torres Hill Scott Green Adams Rivera
    Baker Nelson Carter Mitchell Diaz Roberts Turner Phillips Campbell Gomez Parker Evans Edwards
    Collins Cruz Stewart Morris Morales Rogers Reed Cook Ortiz Morgan Bell Murphy Bailey Cooper
    Gutierrez Richardson Cox Howard Ward Peterson Gray Ramos James Watson Brooks Kelly Sanders Price
    Bennett Wood Barnes Ross Henderson Castillo Coleman Jenkins Perry Powell Long Patterson Hughes
    Flores Washington Butler Simmons Foster Bryant Alexander Russell Griffin Hayes Vargas Nguyen
    Patel Tran Le Pierre Joseph Kim Chen Singh"""
)

ENGLISH = words(
    """Alder Amber Apple Arch Ash Ashby Bain Bald Barn Bar Beck Beech Birch Black Blake Bock Bolling
    Bow Brad Brack Brook Buck Burn Bux Cald Cam Car Chat Ches Clay Cliff Cole Cors Crad Cran Crow
    Dal Dar Dock Dray Dun East Eg Elder Elm Fair Farn Fen Fern Flet Gar Glad Good Gran Green Had Hal
    Ham Har Hart Haw Hazel Hether High Hol Horn Hunt Ing Kel Ken Kirk Lang Lock Lind Long Mal Mar
    May Mel Mid Mill Moor Nor Oak Ox Pem Penn Pres Rad Raven Red Ridge Rock Ros Row Ruther Sel Shel
    Ship Sil Stan Stock Stone Strat Sud Sun Tan Thorn Til Wake Wal War Water Wes Whit Wick Wil Win
    Wood Worth York"""
)
ENGLISH_ENDS = words(
    """bank beck borne bourne bridge brook burn bury by combe cote croft dale den don field fold ford
    gate grave ham hurst land lake ley low man mead mere more ridge shaw sley son stead stoke ston
    stone thorpe thwaite ton wall water way well wick win wood worth"""
)
GERMAN = words(
    """Acker Adel Alten Amsel Auer Bach Baum Berg Birk Blum Boden Brand Braun Buch Burg Dorn Eber Eck
    Eich Eisen Engel Falken Feld Finken Fisch Fried Gold Graben Gross Grun Hafer Hahn Halb Hammer
    Hart Hasel Heiden Helm Herz Hirsch Hoch Hoff Holz Honig Huber Kalt Kauf Kessel Kirsch Klein Korn
    Kraft Kranz Kron Land Laub Lichten Linden Lowen Mai Mandel Markt Muhl Neu Nuss Ober Pfeffer
    Rauch Reben Reich Rein Rosen Roth Sand Schon Schwarz Silber Sommer Stark Stein Stern Stoltz
    Tannen Tauben Unter Vogel Wald Wasser Weiden Wein Weiss Wind Winter Wolf Zimmer"""
)
GERMAN_ENDS = words(
    """acher au bach bacher bauer baum beck berg berger bruck burg dorf dorfer eder egger feld felder
    feldt haus hauser heim heimer hof hofer holz horn huber kamp lein ler mann meier meister meyer
    muller ner rath reich schmidt stein thal thaler wald wirth"""
)
ITALIAN = words(
    """Abat Albert Ama Andre Angel Anton Arma Baldin Bar Bard Bas Batt Bell Ben Ber Bian Bocc Bon Borg
    Bran Brun Cal Camp Can Capp Car Cas Cast Cat Cav Cer Ciocc Coll Cont Cor Cost Dam Dom Don Fabr
    Fal Fant Fer Ferr Fil Fior Font Franc Gal Gall Gamb Gar Gatt Ghir Giord Grand Graz Grim Guid
    Lamb Leon Lomb Lor Luc Magg Manc Mar March Mart Mas Mazz Mel Mer Mon Mor Mus Nard Nic Orl Pal
    Pal Pan Par Pell Per Pic Pier Pin Pol Port Quar Ram Ricc Rin Roc Ros Russ Sal Sant Sar Scal Sil
    Sor Spag Stef Tar Ter Tom Tor Tram Urb Val Ven Vent Verd Vic Vit Zan Zuc"""
)
ITALIAN_ENDS = words(
    """acci aldi aldo alli ani ano anti ardi ari aro atti elli ello enti eri ero esi etta etti ia ico
    iero igli ini ino io isi olli one oni otti ucci uzzi"""
)
FRENCH = words(
    """Aub Bab Bart Baud Beauch Beaul Bell Berg Bert Bland Bois Bonn Bord Bouch Boul Bourg Brass Bret
    Briss Bus Cad Cass Chab Chamb Champ Chap Charp Chev Corb Court Coust Dam Daub Delac Desj Dub Dum
    Dur Fav Ferr Fleur Font Forest Fourn Gagn Gal Gaut Gir God Goul Grang Guer Guil Hard Hub Jacqu
    Jol Labr Lach Laf Lam Lav Lebr Lef Legr Lem Lev Mall March Marqu Mart Mass Merc Mich Mont Mor
    Moul Nic Ouell Pap Par Pell Perr Pich Pin Poir Port Poul Prov Rav Ren Rich Riv Rob Roch Rouss
    Sav Simon Soul Tess Thib Tour Trem Val Vass Verd Vig Vill Voll"""
)
FRENCH_ENDS = words(
    """ac aine ais al ard art at aud ault eau el elle er eron et ette eux ey ier ière illon in ineau on
    ot oux"""
)
NORDIC = words(
    """Aker Al Anders Arn Asp Bak Berg Bjork Bjorn Blom Bo Borg Brand Bro Carl Dahl Eck Edel Ek Elf
    Enger Erik Fager Fjell Fors Fred Frost Gren Gro Gull Hag Hall Ham Han Haug Hed Helg Hell Holm
    Ing Iver Jan Jern Johan Karl Kjell Klint Knud Lager Lar Lind Ljung Lof Lund Lysen Mag Malm Matt
    Mo Mort Nil Nor Nord Ny Od Ol Oster Palm Pet Quarn Ras Ro Rosen Rud Sand Sjo Skog Sol Soren Stal
    Sten Stor Strand Sund Svan Sven Tor Ulv Vall Vest Vik Wahl West Wick"""
)
NORDIC_ENDS = words(
    """backa berg blad blom bo borg by dahl feldt fors gaard gren haug heim holm holt lund lin mark
    moen nes quist rud sen son ssen stad stedt strand strom sund vall vik vold"""
)
SLAVIC = words(
    """Adam Andr Bal Baran Bart Berez Biel Bog Bor Brat Brzez Bud Chm Czar Dab Dan Dob Dol Dubr Dur Fed
    Gal Gar Gol Gor Grab Grom Gryb Ivan Jab Jan Jar Jas Jur Kal Kam Kap Kaz Klim Kol Kon Kor Kos
    Koval Koz Krup Kuch Kur Kuz Lav Les Lew Lis Luk Mac Mal Mar Mat Mich Mil Mir Nov Ol Or Ost Pav
    Paw Petr Piet Plat Pol Pop Rad Rom Rud Sad Sav Sem Sid Sob Sok Stan Step Szym Tar Tkach Tom Tur
    Urb Vas Vlad Vol Wal Wis Wol Yan Zab Zal Zar Zhuk Ziel"""
)
SLAVIC_ENDS = words(
    """ak aniak anski ar chuk czak czyk eck ecki enko evich evski ewicz ewski ic icki ik inski ko koff
    ov ovic ovich ovski owiak owicz owski skiy uk yk"""
)
AFRICAN = words(
    """Abi Abio Ade Adeb Afo Aga Aki Ako Ala Ama Ani Anya Aso Awo Aya Ayo Baba Bada Bala Chi Chu Dia
    Ebe Eche Efe Eke Eku Emu Eze Fala Fo Fola Iba Idi Ife Iga Ike Iwu Kalu Kofi Kone Kwa Lade Mba
    Mbo Mwa Nda Ndu Nga Nji Nka Nwa Obi Ocha Odi Ofo Oga Oji Oka Oko Okwu Ola Olu Ome Oni Onye Ori
    Osa Oso Owu Oye Sala Sowe Tala Uba Uche Udo Uka Uzo Waza"""
)
AFRICAN_ENDS = words(
    """be bi bo chi dele du fe gbe gu ji ke kwe kwo lo lu ma mba mi na ndu ne nne no nwa ra ri ro rin
    sa si su ta taye wale we wo ya yemi yo"""
)
INDIAN = words(
    """Aga Ahu Ana Apt Bag Bal Ban Bar Bhand Bhar Bhat Bir Chand Chat Chav Choud Dal Dand Das Des Dev
    Dhan Dhar Div Gaek Gan Gav Ghos Gul Gund Har Ind Jad Jag Jai Jos Kad Kal Kamb Kap Kar Khand Khar
    Kul Lad Lal Mad Mah Mal Man Math Meh Mis Mog Muk Nad Nag Nam Nar Nay Pad Pal Pand Par Pat Pend
    Prab Pras Rag Raj Ram Ran Rath Sab Sag Sal San Sar Sath Sav Shar Shir Sind Sriv Sub Sur Tal Tamb
    Tend Thak Tri Upadh Vaid Var Ved Verm Vis Yad"""
)
INDIAN_ENDS = words(
    """ade adia aj akar al alia am ani ar ara arkar astava atia ekar esh eti ia ik inder ishi ji kar
    kumar mani nath ore pal raj rao uri wade wal war ya"""
)
GAELIC = words(
    """Alister Ardle Artan Askill Aulay Avoy Bain Brayne Bride Cabe Caffrey Callum Cann Carron Cartan
    Clain Clellan Clennan Closkey Clure Comish Connachie Corkell Cormack Coskery Cracken Crory
    Cusker Dermid Donagh Dougal Dowell Duff Eachern Elhinney Enroe Entee Ewan Fadden Farlane Fie
    Gann Garvey Garry Gillan Ginley Glade Govern Grath Gregor Grory Guffin Guire Haffie Harg Ilroy
    Innes Intosh Kechnie Keever Kellar Kendry Kibben Kinnon Kissock Laren Larnon Laverty Leish
    Lennan Lorne Mahon Manus Menamin Millan Murray Nabb Nally Namara Nish Niven Nulty Phail Pherson
    Quade Quillan Rae Rory Shane Sorley Tavish Vey Vicar Vitty Whirter"""
)
IRISH = words(
    """Ahern Banion Boyle Brannon Callaghan Carroll Casey Connell Connolly Corrigan Cullen Daly Dea
    Devlin Donnell Donoghue Dowd Driscoll Dwyer Farrell Flaherty Flannigan Gara Gorman Grady Hagan
    Halloran Hanlon Hara Hare Healy Keeffe Kelleher Leary Loughlin Mahony Malley Mara Meara Neill
    Quinn Rafferty Reagan Regan Reilly Riordan Rourke Shaughnessy Shea Sullivan Toole"""
)
SPANISH = words(
    """Lopez Garcia García Rodriguez Martinez Martínez Hernandez Gonzalez González Perez Sanchez
    Ramirez Torres Rivera Diaz Díaz Gomez Gómez Morales Ortiz Cruz Gutierrez Ramos Castillo Flores
    Vargas Reyes Mendoza Ruiz Alvarez Álvarez Jimenez Moreno Romero Herrera Medina Aguilar Castro
    Vega Chavez Chávez Rojas Salazar Delgado Guerrero Peña Peñaloza Núñez Nuñez Ibáñez Ordóñez Muñoz
    Soto Contreras Cabrera Campos Fuentes Carrillo Leon León Mejia Mejía Acosta Pacheco Serrano
    Molina Valencia Figueroa Cortez Cortés Bautista Solis Solís Quintero Quiñones Velasco Velez
    Vélez Zamora Zapata Rosario Santana Santiago Santos Colon Colón Maldonado Marrero Matos Melendez
    Mercado Miranda Montalvo Nieves Ocasio Oliveras Pabon Padilla Pagan Piñero Rentas Rios Ríos
    Rolon Rosado Saavedra Sepulveda Serna Sierra Tapia Toledo Trujillo Urbina Valdes Valdés Valentin
    Varela Vasquez Vázquez Villegas Yañez Zayas Zúñiga"""
)
SPANISH_STEMS = words(
    """Agui Alar Alco Alme Alva Amad Ama Ara Arbe Arman Arre Arro Aya Bald Barr Bas Bece Belm Bena Berm
    Bers Bet Blan Bola Boni Bor Bus Cal Cama Canda Car Carb Carde Case Cas Cast Ced Cer Cis Cor Cual
    Dor Dura Ech Eli Enri Esc Espi Esta Fer Feli Ferna Fon Gali Gar Gas Gav God Guar Guer Gui Her
    Hino Hurta Ita Jara Laba Laje Lar Leda Liza Lor Luce Lugo Mac Mal Manza Mara Marti Mena Mira Mon
    Mora Mos Nava Nie Nov Ola Oro Oso Pala Pal Pare Per Pined Por Poz Puer Quesa Quin Rabe Ran Rebo
    Riba Rin Rome Rosa Sala Sali Sando Sara Seg Ser Sil Sol Tama Teje Ti Tor Trevi Uri Vala Val Vela
    Ver Vie Vil Yba Zara Zu"""
)
SPANISH_ENDS = words(
    """bal cado cedo co da dano dera dero do dor dosa drigal dron edo eda ga gas jano lado lano lazar
    les llano lleja llo longo mendi milla monte nado nales ndez nero nez nilla nosa ñoz queda ques
    ran rano rate rdo rero res rez rilla rmo rol ronda rreta rrio s sco sta tega tero tosa vedra
    vera veros yo zabal zano zar"""
)
HAITIAN = words(
    """Alexis Alix Antoine Antenor Auguste Baptiste Belizaire Benoit Bernard Bienaime Celestin Charles
    Clermont Denis Desir Dieudonne Dorvil Etienne Exantus Felix Fils Francois Gabriel Gaspard
    Georges Germain Gilles Guerrier Henri Hilaire Honore Innocent Jacques Jean Joachim Joseph Julien
    Laurent Lazare Leger Louis Luc Marcelin Marc Maurice Maxime Michel Moise Nicolas Noel Octave
    Olivier Paul Philippe Pierre Prosper Raphael Remy Rene Romain Saint Simeon Simon Thelemaque
    Theodore Toussaint Valcin Victor Vilaire Vincent Xavier Yves"""
)
ASIAN = words(
    """Bui Cai Cao Chang Chau Chu Dang Dinh Doan Dong Duong Fan Feng Gao Guo Han Ho Hoang Hong Hsu Hu
    Huang Huynh Jiang Jung Kang Kwon Lai Lam Lau Lee Li Liang Lim Lin Ling Liu Lu Luong Luu Ma Mai
    Ng Ngo Oh Park Pham Phan Phung Quach Ryu Shen Shin Song Su Sun Ta Tang Thai Tong Trinh Truong
    Tsai Vo Vu Wang Wong Wu Xu Yang Yee Yoo Yu Yuan Zhang Zhao Zheng Zhou Zhu"""
)

GIVEN = {
    "en": words(
        """Mary James Patricia John Linda Robert Barbara Michael Elizabeth William Jennifer David Susan
        Richard Margaret Joseph Dorothy Thomas Lisa Charles Nancy Christopher Karen Daniel Betty
        Matthew Helen Mark Sandra Donald Donna Steven Carol Paul Ruth Andrew Sharon Joshua Michelle
        Kenneth Laura Kevin Sarah Brian Kimberly George Deborah Edward Jessica Ronald Shirley
        Timothy Cynthia Jason Angela Jeffrey Melissa Ryan Brenda Jacob Amy Gary Anna Nicholas
        Rebecca Eric Virginia Stephen Kathleen Jonathan Pamela Larry Martha Justin Debra Scott
        Amanda Brandon Stephanie Benjamin Carolyn Samuel Christine Frank Janet Gregory Catherine
        Raymond Frances Alexander Joyce Patrick Diane Jack Alice Dennis Julie Jerry Heather Tyler
        Teresa Aaron Doris Henry Gloria Douglas Evelyn Peter Jean Adam Cheryl Nathan Mildred Zachary
        Katherine Walter Joan Kyle Ashley Harold Judith Carl Rose Jeremy Janice Keith Kelly Roger
        Nicole Gerald Judy Ethan Christina Arthur Kathy Terry Theresa Christian Beverly Sean Denise
        Lawrence Tammy Austin Irene Joe Jane Noah Lori Albert Rachel Willie Marilyn Latoya Darnell
        Keisha Terrell Imani Jamal Ebony Marcus Tanisha Andre Aaliyah Malik"""
    ),
    "es": words(
        """Maria Jose Carmen Juan Ana Luis Rosa Carlos Isabel Jorge Teresa Pedro Lucia Manuel Elena
        Miguel Marta Francisco Juana Rafael Silvia Antonio Patricia Jesús Pilar Alejandro Dolores
        Fernando Josefina Roberto Guadalupe Ricardo Yolanda Eduardo Beatriz Raúl Gloria Javier
        Alicia Ramón Adriana Enrique Leticia Sergio Mónica Héctor Verónica Arturo Sofía Andrés
        Gabriela Óscar Daniela Alberto Valeria Diego Camila Iván Ximena Joaquín Marisol Emilio
        Graciela Ernesto Inés José Xiomara Ignacio Yesenia Tomás Lourdes Esteban Paloma Gustavo
        Esperanza Mateo Rocío Santiago Milagros"""
    ),
    "ht": words(
        """Marie Jean Rose Pierre Guerline Wilner Mirlande Jacques Nadège Frantz Fabiola Ronald Ketly
        Evens Darline Emmanuel Yolette Stanley Chantal Reginald Islande Claude Magalie Lucson Ruth
        Jocelyn"""
    ),
    "in": words(
        """Priya Raj Anita Sanjay Sunita Vijay Kavita Amit Deepa Rahul Meena Anil Lakshmi Suresh Asha
        Ravi Neha Arjun Pooja Vikram Shanti Manoj Rekha Kiran"""
    ),
    "as": words(
        """Linh Minh Mei Wei Hoa Tuan Lan Duc Thuy Hai Ying Jun Huong Nam Xin Tao Mai Long Kim Anh Min
        Ji-Won Soo-Jin Hyun Jia Bo"""
    ),
    "af": words(
        """Ngozi Chidi Amara Emeka Folake Tunde Ifeoma Kwame Abena Kofi Ada Segun Yewande Femi Zainab
        Musa Aminata Kemi Obinna Akua"""
    ),
}
