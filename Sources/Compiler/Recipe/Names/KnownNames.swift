// Written by tools/write-name-lists.

/// Names that a recipe can use, as Debian's packages had them on 2026-11-28.
///
/// - bookworm: locales 2.36-9+deb12u14, tzdata 2026b-0+deb12u1, xkb-data 2.35.1-1
/// - trixie: locales 2.41-12+deb13u5, tzdata-legacy 2026f-0+deb13u1, tzdata 2026f-0+deb13u1, xkb-data 2.42-1
/// - sid: locales 2.43-7, tzdata-legacy 2026f-1, tzdata 2026f-1, xkb-data 2.48-1
enum KnownNames {
  /// Locales of UTF-8, from /usr/share/i18n/SUPPORTED.
  static let locales = words(
    """
    aa_DJ.UTF-8 aa_ER.UTF-8 aa_ER.UTF-8@saaho aa_ET.UTF-8 af_ZA.UTF-8 agr_PE.UTF-8 ak_GH.UTF-8 am_ET.UTF-8
    an_ES.UTF-8 anp_IN.UTF-8 ar_AE.UTF-8 ar_BH.UTF-8 ar_DZ.UTF-8 ar_EG.UTF-8 ar_IN.UTF-8 ar_IQ.UTF-8
    ar_JO.UTF-8 ar_KW.UTF-8 ar_LB.UTF-8 ar_LY.UTF-8 ar_MA.UTF-8 ar_OM.UTF-8 ar_QA.UTF-8 ar_SA.UTF-8
    ar_SD.UTF-8 ar_SS.UTF-8 ar_SY.UTF-8 ar_TN.UTF-8 ar_YE.UTF-8 as_IN.UTF-8 ast_ES.UTF-8 ayc_PE.UTF-8
    az_AZ.UTF-8 az_IR.UTF-8 be_BY.UTF-8 be_BY.UTF-8@latin bem_ZM.UTF-8 ber_DZ.UTF-8 ber_MA.UTF-8 bg_BG.UTF-8
    bhb_IN.UTF-8 bho_IN.UTF-8 bho_NP.UTF-8 bi_VU.UTF-8 bn_BD.UTF-8 bn_IN.UTF-8 bo_CN.UTF-8 bo_IN.UTF-8
    br_FR.UTF-8 brx_IN.UTF-8 bs_BA.UTF-8 byn_ER.UTF-8 ca_AD.UTF-8 ca_ES.UTF-8 ca_ES.UTF-8@valencia ca_FR.UTF-8
    ca_IT.UTF-8 ce_RU.UTF-8 chr_US.UTF-8 ckb_IQ.UTF-8 cmn_TW.UTF-8 crh_RU.UTF-8 crh_UA.UTF-8 cs_CZ.UTF-8
    csb_PL.UTF-8 cv_RU.UTF-8 cy_GB.UTF-8 da_DK.UTF-8 de_AT.UTF-8 de_BE.UTF-8 de_CH.UTF-8 de_DE.UTF-8
    de_IT.UTF-8 de_LI.UTF-8 de_LU.UTF-8 doi_IN.UTF-8 dsb_DE.UTF-8 dv_MV.UTF-8 dz_BT.UTF-8 el_CY.UTF-8
    el_GR.UTF-8 en_AG.UTF-8 en_AU.UTF-8 en_BW.UTF-8 en_CA.UTF-8 en_DK.UTF-8 en_GB.UTF-8 en_HK.UTF-8
    en_IE.UTF-8 en_IL.UTF-8 en_IN.UTF-8 en_NG.UTF-8 en_NZ.UTF-8 en_PH.UTF-8 en_SC.UTF-8 en_SE.UTF-8
    en_SG.UTF-8 en_US.UTF-8 en_ZA.UTF-8 en_ZM.UTF-8 en_ZW.UTF-8 es_AR.UTF-8 es_BO.UTF-8 es_CL.UTF-8
    es_CO.UTF-8 es_CR.UTF-8 es_CU.UTF-8 es_DO.UTF-8 es_EC.UTF-8 es_ES.UTF-8 es_GT.UTF-8 es_HN.UTF-8
    es_MX.UTF-8 es_NI.UTF-8 es_PA.UTF-8 es_PE.UTF-8 es_PR.UTF-8 es_PY.UTF-8 es_SV.UTF-8 es_US.UTF-8
    es_UY.UTF-8 es_VE.UTF-8 et_EE.UTF-8 eu_ES.UTF-8 eu_FR.UTF-8 fa_IR.UTF-8 ff_SN.UTF-8 fi_FI.UTF-8
    fil_PH.UTF-8 fo_FO.UTF-8 fr_BE.UTF-8 fr_CA.UTF-8 fr_CH.UTF-8 fr_FR.UTF-8 fr_LU.UTF-8 fur_IT.UTF-8
    fy_DE.UTF-8 fy_NL.UTF-8 ga_IE.UTF-8 gbm_IN.UTF-8 gd_GB.UTF-8 gez_ER.UTF-8 gez_ER.UTF-8@abegede
    gez_ET.UTF-8 gez_ET.UTF-8@abegede gl_ES.UTF-8 gu_IN.UTF-8 gv_GB.UTF-8 ha_NG.UTF-8 hak_TW.UTF-8 he_IL.UTF-8
    hi_IN.UTF-8 hif_FJ.UTF-8 hne_IN.UTF-8 hr_HR.UTF-8 hsb_DE.UTF-8 ht_HT.UTF-8 hu_HU.UTF-8 hy_AM.UTF-8
    ia_FR.UTF-8 id_ID.UTF-8 ig_NG.UTF-8 ik_CA.UTF-8 is_IS.UTF-8 it_CH.UTF-8 it_IT.UTF-8 iu_CA.UTF-8
    ja_JP.UTF-8 ka_GE.UTF-8 kab_DZ.UTF-8 kk_KZ.UTF-8 kl_GL.UTF-8 km_KH.UTF-8 kn_IN.UTF-8 ko_KR.UTF-8
    kok_IN.UTF-8 ks_IN.UTF-8 ks_IN.UTF-8@devanagari ku_TR.UTF-8 kv_RU.UTF-8 kw_GB.UTF-8 ky_KG.UTF-8
    lb_LU.UTF-8 lg_UG.UTF-8 li_BE.UTF-8 li_NL.UTF-8 lij_IT.UTF-8 ln_CD.UTF-8 lo_LA.UTF-8 lt_LT.UTF-8
    ltg_LV.UTF-8 lv_LV.UTF-8 lzh_TW.UTF-8 mag_IN.UTF-8 mai_IN.UTF-8 mai_NP.UTF-8 mdf_RU.UTF-8 mfe_MU.UTF-8
    mg_MG.UTF-8 mhr_RU.UTF-8 mi_NZ.UTF-8 miq_NI.UTF-8 mjw_IN.UTF-8 mk_MK.UTF-8 ml_IN.UTF-8 mn_MN.UTF-8
    mni_IN.UTF-8 mnw_MM.UTF-8 mr_IN.UTF-8 ms_MY.UTF-8 mt_MT.UTF-8 my_MM.UTF-8 nan_TW.UTF-8 nan_TW.UTF-8@latin
    nb_NO.UTF-8 nds_DE.UTF-8 nds_NL.UTF-8 ne_NP.UTF-8 nhn_MX.UTF-8 niu_NU.UTF-8 niu_NZ.UTF-8 nl_AW.UTF-8
    nl_BE.UTF-8 nl_NL.UTF-8 nn_NO.UTF-8 nr_ZA.UTF-8 nso_ZA.UTF-8 oc_FR.UTF-8 om_ET.UTF-8 om_KE.UTF-8
    or_IN.UTF-8 os_RU.UTF-8 pa_IN.UTF-8 pa_PK.UTF-8 pap_AW.UTF-8 pap_CW.UTF-8 pl_PL.UTF-8 ps_AF.UTF-8
    pt_BR.UTF-8 pt_PT.UTF-8 quz_PE.UTF-8 raj_IN.UTF-8 rif_MA.UTF-8 ro_RO.UTF-8 ru_RU.UTF-8 ru_UA.UTF-8
    rw_RW.UTF-8 sa_IN.UTF-8 sah_RU.UTF-8 sat_IN.UTF-8 sc_IT.UTF-8 scn_IT.UTF-8 sd_IN.UTF-8
    sd_IN.UTF-8@devanagari se_NO.UTF-8 sgs_LT.UTF-8 shn_MM.UTF-8 shs_CA.UTF-8 si_LK.UTF-8 sid_ET.UTF-8
    sk_SK.UTF-8 sl_SI.UTF-8 sm_WS.UTF-8 so_DJ.UTF-8 so_ET.UTF-8 so_KE.UTF-8 so_SO.UTF-8 sq_AL.UTF-8
    sq_MK.UTF-8 sr_ME.UTF-8 sr_RS.UTF-8 sr_RS.UTF-8@latin ss_ZA.UTF-8 ssy_ER.UTF-8 st_ZA.UTF-8 su_ID.UTF-8
    sv_FI.UTF-8 sv_SE.UTF-8 sw_KE.UTF-8 sw_TZ.UTF-8 szl_PL.UTF-8 ta_IN.UTF-8 ta_LK.UTF-8 tcy_IN.UTF-8
    te_IN.UTF-8 tg_TJ.UTF-8 th_TH.UTF-8 the_NP.UTF-8 ti_ER.UTF-8 ti_ET.UTF-8 tig_ER.UTF-8 tk_TM.UTF-8
    tl_PH.UTF-8 tn_ZA.UTF-8 to_TO.UTF-8 tpi_PG.UTF-8 tr_CY.UTF-8 tr_TR.UTF-8 ts_ZA.UTF-8 tt_RU.UTF-8
    tt_RU.UTF-8@iqtelif ug_CN.UTF-8 uk_UA.UTF-8 unm_US.UTF-8 ur_IN.UTF-8 ur_PK.UTF-8 uz_UZ.UTF-8
    uz_UZ.UTF-8@cyrillic ve_ZA.UTF-8 vi_VN.UTF-8 wa_BE.UTF-8 wae_CH.UTF-8 wal_ET.UTF-8 wo_SN.UTF-8 xh_ZA.UTF-8
    yi_US.UTF-8 yo_NG.UTF-8 yue_HK.UTF-8 yuw_PG.UTF-8 zgh_MA.UTF-8 zh_CN.UTF-8 zh_HK.UTF-8 zh_SG.UTF-8
    zh_TW.UTF-8 zu_ZA.UTF-8
    """)

  /// Time zones, from /usr/share/zoneinfo; those of tzdata-legacy too.
  static let zones = words(
    """
    Africa/Abidjan Africa/Accra Africa/Addis_Ababa Africa/Algiers Africa/Asmara Africa/Asmera Africa/Bamako
    Africa/Bangui Africa/Banjul Africa/Bissau Africa/Blantyre Africa/Brazzaville Africa/Bujumbura Africa/Cairo
    Africa/Casablanca Africa/Ceuta Africa/Conakry Africa/Dakar Africa/Dar_es_Salaam Africa/Djibouti
    Africa/Douala Africa/El_Aaiun Africa/Freetown Africa/Gaborone Africa/Harare Africa/Johannesburg
    Africa/Juba Africa/Kampala Africa/Khartoum Africa/Kigali Africa/Kinshasa Africa/Lagos Africa/Libreville
    Africa/Lome Africa/Luanda Africa/Lubumbashi Africa/Lusaka Africa/Malabo Africa/Maputo Africa/Maseru
    Africa/Mbabane Africa/Mogadishu Africa/Monrovia Africa/Nairobi Africa/Ndjamena Africa/Niamey
    Africa/Nouakchott Africa/Ouagadougou Africa/Porto-Novo Africa/Sao_Tome Africa/Timbuktu Africa/Tripoli
    Africa/Tunis Africa/Windhoek America/Adak America/Anchorage America/Anguilla America/Antigua
    America/Araguaina America/Argentina/Buenos_Aires America/Argentina/Catamarca
    America/Argentina/ComodRivadavia America/Argentina/Cordoba America/Argentina/Jujuy
    America/Argentina/La_Rioja America/Argentina/Mendoza America/Argentina/Rio_Gallegos
    America/Argentina/Salta America/Argentina/San_Juan America/Argentina/San_Luis America/Argentina/Tucuman
    America/Argentina/Ushuaia America/Aruba America/Asuncion America/Atikokan America/Atka America/Bahia
    America/Bahia_Banderas America/Barbados America/Belem America/Belize America/Blanc-Sablon
    America/Boa_Vista America/Bogota America/Boise America/Buenos_Aires America/Cambridge_Bay
    America/Campo_Grande America/Cancun America/Caracas America/Catamarca America/Cayenne America/Cayman
    America/Chicago America/Chihuahua America/Ciudad_Juarez America/Coral_Harbour America/Cordoba
    America/Costa_Rica America/Coyhaique America/Creston America/Cuiaba America/Curacao America/Danmarkshavn
    America/Dawson America/Dawson_Creek America/Denver America/Detroit America/Dominica America/Edmonton
    America/Eirunepe America/El_Salvador America/Ensenada America/Fort_Nelson America/Fort_Wayne
    America/Fortaleza America/Glace_Bay America/Godthab America/Goose_Bay America/Grand_Turk America/Grenada
    America/Guadeloupe America/Guatemala America/Guayaquil America/Guyana America/Halifax America/Havana
    America/Hermosillo America/Indiana/Indianapolis America/Indiana/Knox America/Indiana/Marengo
    America/Indiana/Petersburg America/Indiana/Tell_City America/Indiana/Vevay America/Indiana/Vincennes
    America/Indiana/Winamac America/Indianapolis America/Inuvik America/Iqaluit America/Jamaica America/Jujuy
    America/Juneau America/Kentucky/Louisville America/Kentucky/Monticello America/Knox_IN America/Kralendijk
    America/La_Paz America/Lima America/Los_Angeles America/Louisville America/Lower_Princes America/Maceio
    America/Managua America/Manaus America/Marigot America/Martinique America/Matamoros America/Mazatlan
    America/Mendoza America/Menominee America/Merida America/Metlakatla America/Mexico_City America/Miquelon
    America/Moncton America/Monterrey America/Montevideo America/Montreal America/Montserrat America/Nassau
    America/New_York America/Nipigon America/Nome America/Noronha America/North_Dakota/Beulah
    America/North_Dakota/Center America/North_Dakota/New_Salem America/Nuuk America/Ojinaga America/Panama
    America/Pangnirtung America/Paramaribo America/Phoenix America/Port-au-Prince America/Port_of_Spain
    America/Porto_Acre America/Porto_Velho America/Puerto_Rico America/Punta_Arenas America/Rainy_River
    America/Rankin_Inlet America/Recife America/Regina America/Resolute America/Rio_Branco America/Rosario
    America/Santa_Isabel America/Santarem America/Santiago America/Santo_Domingo America/Sao_Paulo
    America/Scoresbysund America/Shiprock America/Sitka America/St_Barthelemy America/St_Johns
    America/St_Kitts America/St_Lucia America/St_Thomas America/St_Vincent America/Swift_Current
    America/Tegucigalpa America/Thule America/Thunder_Bay America/Tijuana America/Toronto America/Tortola
    America/Vancouver America/Virgin America/Whitehorse America/Winnipeg America/Yakutat America/Yellowknife
    Antarctica/Casey Antarctica/Davis Antarctica/DumontDUrville Antarctica/Macquarie Antarctica/Mawson
    Antarctica/McMurdo Antarctica/Palmer Antarctica/Rothera Antarctica/South_Pole Antarctica/Syowa
    Antarctica/Troll Antarctica/Vostok Arctic/Longyearbyen Asia/Aden Asia/Almaty Asia/Amman Asia/Anadyr
    Asia/Aqtau Asia/Aqtobe Asia/Ashgabat Asia/Ashkhabad Asia/Atyrau Asia/Baghdad Asia/Bahrain Asia/Baku
    Asia/Bangkok Asia/Barnaul Asia/Beirut Asia/Bishkek Asia/Brunei Asia/Calcutta Asia/Chita Asia/Choibalsan
    Asia/Chongqing Asia/Chungking Asia/Colombo Asia/Dacca Asia/Damascus Asia/Dhaka Asia/Dili Asia/Dubai
    Asia/Dushanbe Asia/Famagusta Asia/Gaza Asia/Harbin Asia/Hebron Asia/Ho_Chi_Minh Asia/Hong_Kong Asia/Hovd
    Asia/Irkutsk Asia/Istanbul Asia/Jakarta Asia/Jayapura Asia/Jerusalem Asia/Kabul Asia/Kamchatka
    Asia/Karachi Asia/Kashgar Asia/Kathmandu Asia/Katmandu Asia/Khandyga Asia/Kolkata Asia/Krasnoyarsk
    Asia/Kuala_Lumpur Asia/Kuching Asia/Kuwait Asia/Macao Asia/Macau Asia/Magadan Asia/Makassar Asia/Manila
    Asia/Muscat Asia/Nicosia Asia/Novokuznetsk Asia/Novosibirsk Asia/Omsk Asia/Oral Asia/Phnom_Penh
    Asia/Pontianak Asia/Pyongyang Asia/Qatar Asia/Qostanay Asia/Qyzylorda Asia/Rangoon Asia/Riyadh Asia/Saigon
    Asia/Sakhalin Asia/Samarkand Asia/Seoul Asia/Shanghai Asia/Singapore Asia/Srednekolymsk Asia/Taipei
    Asia/Tashkent Asia/Tbilisi Asia/Tehran Asia/Tel_Aviv Asia/Thimbu Asia/Thimphu Asia/Tokyo Asia/Tomsk
    Asia/Ujung_Pandang Asia/Ulaanbaatar Asia/Ulan_Bator Asia/Urumqi Asia/Ust-Nera Asia/Vientiane
    Asia/Vladivostok Asia/Yakutsk Asia/Yangon Asia/Yekaterinburg Asia/Yerevan Atlantic/Azores Atlantic/Bermuda
    Atlantic/Canary Atlantic/Cape_Verde Atlantic/Faeroe Atlantic/Faroe Atlantic/Jan_Mayen Atlantic/Madeira
    Atlantic/Reykjavik Atlantic/South_Georgia Atlantic/St_Helena Atlantic/Stanley Australia/ACT
    Australia/Adelaide Australia/Brisbane Australia/Broken_Hill Australia/Canberra Australia/Currie
    Australia/Darwin Australia/Eucla Australia/Hobart Australia/LHI Australia/Lindeman Australia/Lord_Howe
    Australia/Melbourne Australia/NSW Australia/North Australia/Perth Australia/Queensland Australia/South
    Australia/Sydney Australia/Tasmania Australia/Victoria Australia/West Australia/Yancowinna Brazil/Acre
    Brazil/DeNoronha Brazil/East Brazil/West CET CST6CDT Canada/Atlantic Canada/Central Canada/Eastern
    Canada/Mountain Canada/Newfoundland Canada/Pacific Canada/Saskatchewan Canada/Yukon Chile/Continental
    Chile/EasterIsland Cuba EET EST EST5EDT Egypt Eire Etc/GMT Etc/GMT+0 Etc/GMT+1 Etc/GMT+10 Etc/GMT+11
    Etc/GMT+12 Etc/GMT+2 Etc/GMT+3 Etc/GMT+4 Etc/GMT+5 Etc/GMT+6 Etc/GMT+7 Etc/GMT+8 Etc/GMT+9 Etc/GMT-0
    Etc/GMT-1 Etc/GMT-10 Etc/GMT-11 Etc/GMT-12 Etc/GMT-13 Etc/GMT-14 Etc/GMT-2 Etc/GMT-3 Etc/GMT-4 Etc/GMT-5
    Etc/GMT-6 Etc/GMT-7 Etc/GMT-8 Etc/GMT-9 Etc/GMT0 Etc/Greenwich Etc/UCT Etc/UTC Etc/Universal Etc/Zulu
    Europe/Amsterdam Europe/Andorra Europe/Astrakhan Europe/Athens Europe/Belfast Europe/Belgrade
    Europe/Berlin Europe/Bratislava Europe/Brussels Europe/Bucharest Europe/Budapest Europe/Busingen
    Europe/Chisinau Europe/Copenhagen Europe/Dublin Europe/Gibraltar Europe/Guernsey Europe/Helsinki
    Europe/Isle_of_Man Europe/Istanbul Europe/Jersey Europe/Kaliningrad Europe/Kiev Europe/Kirov Europe/Kyiv
    Europe/Lisbon Europe/Ljubljana Europe/London Europe/Luxembourg Europe/Madrid Europe/Malta Europe/Mariehamn
    Europe/Minsk Europe/Monaco Europe/Moscow Europe/Nicosia Europe/Oslo Europe/Paris Europe/Podgorica
    Europe/Prague Europe/Riga Europe/Rome Europe/Samara Europe/San_Marino Europe/Sarajevo Europe/Saratov
    Europe/Simferopol Europe/Skopje Europe/Sofia Europe/Stockholm Europe/Tallinn Europe/Tirane Europe/Tiraspol
    Europe/Ulyanovsk Europe/Uzhgorod Europe/Vaduz Europe/Vatican Europe/Vienna Europe/Vilnius Europe/Volgograd
    Europe/Warsaw Europe/Zagreb Europe/Zaporozhye Europe/Zurich Factory GB GB-Eire GMT GMT+0 GMT-0 GMT0
    Greenwich HST Hongkong Iceland Indian/Antananarivo Indian/Chagos Indian/Christmas Indian/Cocos
    Indian/Comoro Indian/Kerguelen Indian/Mahe Indian/Maldives Indian/Mauritius Indian/Mayotte Indian/Reunion
    Iran Israel Jamaica Japan Kwajalein Libya MET MST MST7MDT Mexico/BajaNorte Mexico/BajaSur Mexico/General
    NZ NZ-CHAT Navajo PRC PST8PDT Pacific/Apia Pacific/Auckland Pacific/Bougainville Pacific/Chatham
    Pacific/Chuuk Pacific/Easter Pacific/Efate Pacific/Enderbury Pacific/Fakaofo Pacific/Fiji Pacific/Funafuti
    Pacific/Galapagos Pacific/Gambier Pacific/Guadalcanal Pacific/Guam Pacific/Honolulu Pacific/Johnston
    Pacific/Kanton Pacific/Kiritimati Pacific/Kosrae Pacific/Kwajalein Pacific/Majuro Pacific/Marquesas
    Pacific/Midway Pacific/Nauru Pacific/Niue Pacific/Norfolk Pacific/Noumea Pacific/Pago_Pago Pacific/Palau
    Pacific/Pitcairn Pacific/Pohnpei Pacific/Ponape Pacific/Port_Moresby Pacific/Rarotonga Pacific/Saipan
    Pacific/Samoa Pacific/Tahiti Pacific/Tarawa Pacific/Tongatapu Pacific/Truk Pacific/Wake Pacific/Wallis
    Pacific/Yap Poland Portugal ROC ROK Singapore Turkey UCT US/Alaska US/Aleutian US/Arizona US/Central
    US/East-Indiana US/Eastern US/Hawaii US/Indiana-Starke US/Michigan US/Mountain US/Pacific US/Samoa UTC
    Universal W-SU WET Zulu
    """)

  /// Keyboard layouts of XKB, from rules/base.lst.
  static let layouts = words(
    """
    af al am ara at au az ba bd be bg br brai bt bw by ca cd ch cm cn custom cz de dk dz ee eg epo es et fi fo
    fr gb ge gh gn gr hr hu id ie il in iq ir is it jp jv ke kg kh kr kz la latam lk lt lv ma mao md me mk ml
    mm mn mt mv my ng nl no np nz ph pk pl pt ro rs ru se si sk sn sy tg th tj tm tr tw tz ua us uz vn za
    """)

  /// Their variants: layout and variant, a colon between them.
  static let variants = words(
    """
    af:fa-olpc af:ps af:ps-olpc af:uz af:uz-olpc al:plisi al:veqilharxhi am:eastern am:eastern-alt am:phonetic
    am:phonetic-alt am:western ara:azerty ara:azerty_digits ara:buckwalter ara:digits ara:mac ara:mac-phonetic
    ara:olpc ara:qwerty ara:qwerty_digits at:mac at:nodeadkeys az:cyrillic ba:alternatequotes ba:unicode
    ba:unicodeus ba:us bd:probhat be:iso-alternate be:nodeadkeys be:oss be:oss_latin9 be:wang bg:bas_phonetic
    bg:bekl bg:phonetic br:dvorak br:nativo br:nativo-epo br:nativo-us br:nodeadkeys br:rus br:thinkpad
    br:thinkpad_nodeadkeys brai:left_hand brai:left_hand_invert brai:right_hand brai:right_hand_invert by:intl
    by:latin by:legacy by:phonetic by:ru ca:eng ca:fr-dvorak ca:fr-legacy ca:ike ca:multi ca:multi-2gr
    ca:multix ch:de_mac ch:de_nodeadkeys ch:fr ch:fr_mac ch:fr_nodeadkeys ch:legacy cm:azerty cm:dvorak
    cm:french cm:mmuock cm:qwerty cn:altgr-pinyin cn:mon_manchu_galik cn:mon_todo_galik cn:mon_trad
    cn:mon_trad_galik cn:mon_trad_manchu cn:mon_trad_todo cn:mon_trad_xibe cn:tib cn:tib_asciinum cn:ug
    cz:bksl cz:dvorak-ucw cz:qwerty cz:qwerty-mac cz:qwerty_bksl cz:rus cz:ucw cz:winkeys cz:winkeys-qwerty
    de:T3 de:deadacute de:deadgraveacute de:deadtilde de:dsb de:dsb_qwertz de:dvorak de:e1 de:e2 de:mac
    de:mac_nodeadkeys de:neo de:nodeadkeys de:qwerty de:ro de:ro_nodeadkeys de:ru de:tr de:us dk:dvorak dk:mac
    dk:mac_nodeadkeys dk:nodeadkeys dk:winkeys dz:ar dz:azerty-deadkeys dz:ber dz:qwerty-gb-deadkeys
    dz:qwerty-us-deadkeys ee:dvorak ee:nodeadkeys ee:us epo:legacy es:ast es:cat es:deadtilde es:dvorak es:mac
    es:nodeadkeys es:winkeys fi:classic fi:mac fi:nodeadkeys fi:smi fi:winkeys fo:nodeadkeys fr:afnor
    fr:azerty fr:bepo fr:bepo_afnor fr:bepo_latin9 fr:bre fr:dvorak fr:ergol fr:ergol_iso fr:geo fr:latin9
    fr:latin9_nodeadkeys fr:mac fr:nodeadkeys fr:oci fr:oss fr:oss_latin9 fr:oss_nodeadkeys fr:us gb:colemak
    gb:colemak_dh gb:dvorak gb:dvorakukp gb:extd gb:gla gb:intl gb:mac gb:mac_intl gb:pl ge:ergonomic ge:mess
    ge:os ge:ru gh:akan gh:avn gh:ewe gh:fula gh:ga gh:generic gh:gillbt gh:hausa gr:extended gr:nodeadkeys
    gr:polytonic gr:simple hr:alternatequotes hr:unicode hr:unicodeus hr:us hu:101_qwerty_comma_dead
    hu:101_qwerty_comma_nodead hu:101_qwerty_dot_dead hu:101_qwerty_dot_nodead hu:101_qwertz_comma_dead
    hu:101_qwertz_comma_nodead hu:101_qwertz_dot_dead hu:101_qwertz_dot_nodead hu:102_qwerty_comma_dead
    hu:102_qwerty_comma_nodead hu:102_qwerty_dot_dead hu:102_qwerty_dot_nodead hu:102_qwertz_comma_dead
    hu:102_qwertz_comma_nodead hu:102_qwertz_dot_dead hu:102_qwertz_dot_nodead hu:nodeadkeys hu:qwerty
    hu:standard id:javanese id:melayu-phonetic id:melayu-phoneticx id:pegon-phonetic id:phonetic id:phoneticx
    ie:CloGaelach ie:UnicodeExpert ie:ogam ie:ogam_is434 il:biblical il:lyx il:phonetic il:si2 in:asm-kagapa
    in:ben in:ben-kagapa in:ben_baishakhi in:ben_bornona in:ben_gitanjali in:ben_inscript in:ben_probhat
    in:bolnagri in:eeyek in:eng in:guj in:guj-kagapa in:guru in:hin-kagapa in:hin-wx in:iipa in:jhelum in:kan
    in:kan-kagapa in:mal in:mal_enhanced in:mal_lalitha in:mal_poorna in:mar-kagapa in:mara in:marathi in:mni
    in:olck in:ori in:ori-bolnagri in:ori-wx in:san-kagapa in:sat in:tam in:tam_tamilnet in:tam_tamilnet_TAB
    in:tam_tamilnet_TSCII in:tam_tamilnet_with_tam_nums in:tam_tamilnumbers in:tamilnet in:tamilnet_TAB
    in:tamilnet_TSCII in:tamilnet_tamilnumbers in:tel in:tel-kagapa in:tel-sarala in:urd-phonetic
    in:urd-phonetic3 in:urd-winkeys iq:ku iq:ku_alt iq:ku_ara iq:ku_f ir:azb ir:ku ir:ku_alt ir:ku_ara ir:ku_f
    ir:pes_keypad ir:winkeys is:dvorak is:mac is:mac_legacy it:fur it:geo it:ibm it:intl it:mac it:nodeadkeys
    it:scn it:us it:winkeys jp:OADG109A jp:dvorak jp:kana jp:kana86 jp:mac ke:kik kg:phonetic kr:kr104 kz:ext
    kz:kazrus kz:latin kz:ruskaz la:stea latam:colemak latam:colemak-gaming latam:deadtilde latam:dvorak
    latam:nodeadkeys lk:tam_TAB lk:tam_unicode lk:us lt:ibm lt:lekp lt:lekpa lt:ratise lt:sgs lt:std lt:us
    lv:adapted lv:apostrophe lv:ergonomic lv:fkey lv:modern lv:modern-cyr lv:tilde ma:french ma:rif
    ma:tifinagh ma:tifinagh-alt ma:tifinagh-alt-phonetic ma:tifinagh-extended ma:tifinagh-extended-phonetic
    ma:tifinagh-phonetic md:gag me:cyrillic me:cyrillicalternatequotes me:cyrillicyz me:latinalternatequotes
    me:latinunicode me:latinunicodeyz me:latinyz mk:nodeadkeys ml:fr-oss ml:us-intl ml:us-mac mm:mara mm:mnw
    mm:mnw-a1 mm:shn mm:zawgyi mm:zgt mt:alt-gb mt:alt-us mt:us my:phonetic ng:hausa ng:igbo ng:yoruba nl:mac
    nl:std nl:us no:colemak no:colemak_dh no:colemak_dh_wide no:dvorak no:mac no:mac_nodeadkeys no:nodeadkeys
    no:smi no:smi_nodeadkeys no:winkeys nz:mao ph:capewell-dvorak ph:capewell-dvorak-bay ph:capewell-qwerf2k6
    ph:capewell-qwerf2k6-bay ph:colemak ph:colemak-bay ph:dvorak ph:dvorak-bay ph:qwerty-bay pk:ara
    pk:pak_urdu_phonetic pk:snd pk:urd-crulp pk:urd-nla pl:csb pl:dvorak pl:dvorak_altquotes pl:dvorak_quotes
    pl:dvp pl:legacy pl:qwertz pl:ru_phonetic_dvorak pl:szl pt:mac pt:mac_nodeadkeys pt:nativo pt:nativo-epo
    pt:nativo-us pt:nodeadkeys ro:std ro:winkeys rs:alternatequotes rs:latin rs:latinalternatequotes
    rs:latinunicode rs:latinunicodeyz rs:latinyz rs:rue rs:yz ru:ab ru:bak ru:chm ru:cv ru:cv_latin ru:dos
    ru:kom ru:legacy ru:mac ru:os_legacy ru:os_winkeys ru:phonetic ru:phonetic_YAZHERTY ru:phonetic_azerty
    ru:phonetic_dvorak ru:phonetic_fr ru:phonetic_winkeys ru:ruchey_en ru:ruchey_ru ru:sah ru:srp ru:tt
    ru:typewriter ru:typewriter-legacy ru:udm ru:xal se:colemak se:dvorak se:mac se:nodeadkeys se:rus
    se:rus_nodeadkeys se:smi se:svdvorak se:swl se:us se:us_dvorak si:alternatequotes si:us sk:bksl sk:qwerty
    sk:qwerty_bksl sy:ku sy:ku_alt sy:ku_f sy:syc sy:syc_phonetic th:mnc th:pat th:tis tj:legacy tm:alt tr:alt
    tr:e tr:f tr:intl tr:ku tr:ku_alt tr:ku_f tr:ot tr:otf tr:otk tr:otkf tw:indigenous tw:saisiyat ua:crh
    ua:crh_alt ua:crh_f ua:homophonic ua:legacy ua:macOS ua:phonetic ua:rstu ua:rstu_ru ua:typewriter
    ua:winkeys ua:winkeysenhanced us:alt-intl us:altgr-intl us:chr us:colemak us:colemak_dh us:colemak_dh_iso
    us:colemak_dh_ortho us:colemak_dh_wide us:colemak_dh_wide_iso us:dvorak us:dvorak-alt-intl
    us:dvorak-classic us:dvorak-intl us:dvorak-l us:dvorak-mac us:dvorak-mac-iso us:dvorak-r us:dvp us:euro
    us:haw us:hbs us:intl us:mac us:mac-iso us:norman us:olpc2 us:rus us:symbolic us:workman us:workman-intl
    uz:latin vn:fr vn:us
    """)

  /// Keyboard models of XKB.
  static let models = words(
    """
    a4_rfkb23 a4techKB21 a4techKBS8 abnt2 acer_c300 acer_ferrari4k acer_laptop airkey apex300 apple
    apple_laptop applealu_ansi applealu_iso applealu_jis armada asus_laptop azonaRF2300 benqx benqx730
    benqx800 brother btc5090 btc5113rf btc5126t btc6301urf btc9000 btc9000a btc9001ah btc9019u btc9116u
    cherryblue cherrybluea cherryblueb cherrybunlim cherrycmexpert cherrycyboard chicony chicony0108
    chicony0420 chicony9885 chromebook classmate compalfl90 compaqeak8 compaqik13 compaqik18 compaqik7
    creativedw7000 cymotionlinux dell dell101 dellm65 dellsk8125 dellsk8135 dellusbmm dexxa diamond dtk2000
    emachines ennyah_dkb1008 everex flexpro fscaa1667g genius geniuscomfy geniuscomfy2 geniuskb19e
    geniuskkb2050hs gyration hhk honeywell_euroboard hp250x hp500fa hp5xx hp6000 hpdv5 hpi6 hpmini110 hpnx9020
    hpxe3gc hpxe3gf hpxt1000 hpzt11xx ibm_spacesaver inspiron ipaq itouch jp106 kinesis kr106 latitude
    logiaccess logicd logicd_it logicd_nav logicd_opt logicda logicdn logicdpa2 logicfn logicink logiclx300
    logidinovo logidinovoedge logiex110 logii350 logiik logiinkse logiinkseusb logiitc logimel logitech_base
    logitech_g15 logiultrax logiultraxc macbook78 macbook79 macintosh macintosh_hhk macintosh_old microsoft
    microsoft4000 microsoft7000 microsoftccurve2k microsoftelite microsoftinet microsoftmult microsoftoffice
    microsoftpro microsoftprooem microsoftprose microsoftprousb microsoftsurface mx1998 mx2500 mx2750 olpc
    omnikey101 oretec pc101 pc102 pc104 pc104alt pc105 pc86 pc98 ppkb precision_m presario propeller qtronix
    rapidaccess rapidaccess2 samsung4500 samsung4510 sanwaskbkg3 scorpius silvercrest sk1300 sk2500 sk6200
    sk7100 sp_inet sun_type6_euro_usb sun_type6_jp sun_type6_jp_usb sun_type6_unix_usb sun_type6_usb
    sun_type7_euro_usb sun_type7_jp_usb sun_type7_unix_usb sun_type7_usb sven sven303 symplon targa_v811
    teck227 teck229 thinkpad thinkpad60 thinkpadz60 tm2020 tm2030PS2 tm2030USB tm2030USB-102 tm2030USB-106
    toshiba_s3000 trust trust_slimline trustda unitekkb1925 vsonku306 winbook yahoo
    """)

  /// Options of XKB.
  static let options = words(
    """
    Compose altwin altwin:alt_super_win altwin:alt_win altwin:ctrl_alt_win altwin:ctrl_rwin altwin:ctrl_win
    altwin:hyper_win altwin:left_meta_win altwin:menu altwin:menu_win altwin:meta_alt altwin:meta_win
    altwin:prtsc_rwin altwin:swap_alt_win altwin:swap_lalt_lwin altwin:swap_ralt_rwin apple:alupckeys
    apple:jp_oadg109a apple:jp_pc106 caps caps:backspace caps:capslock caps:ctrl_modifier
    caps:ctrl_shifted_capslock caps:digits_row caps:digits_row_independent_lock caps:escape
    caps:escape_shifted_capslock caps:hyper caps:internal caps:internal_nocancel caps:menu caps:none
    caps:numlock caps:return caps:shift caps:shift_nocancel caps:shiftlock caps:super caps:swapescape compat
    compose:102 compose:102-altgr compose:caps compose:caps-altgr compose:ins compose:lctrl
    compose:lctrl-altgr compose:lwin compose:lwin-altgr compose:menu compose:menu-altgr compose:paus
    compose:prsc compose:ralt compose:rctrl compose:rctrl-altgr compose:rwin compose:rwin-altgr compose:sclk
    ctrl ctrl:aa_ctrl ctrl:ac_ctrl ctrl:grouptoggle_capscontrol ctrl:hyper_capscontrol ctrl:lctrl_meta
    ctrl:menu_rctrl ctrl:nocaps ctrl:ralt_rctrl ctrl:rctrl_ralt ctrl:swap_lalt_lctl ctrl:swap_lalt_lctl_lwin
    ctrl:swap_lwin_lctl ctrl:swap_ralt_rctl ctrl:swap_rwin_rctl ctrl:swapcaps ctrl:swapcaps_hyper currencysign
    custom custom:types esperanto esperanto:colemak esperanto:dvorak esperanto:qwerty eurosign:2 eurosign:4
    eurosign:5 eurosign:E eurosign:e fkeys fkeys:basic_13-24 grab:break_actions grab:debug grp
    grp:alt_altgr_toggle grp:alt_caps_toggle grp:alt_shift_toggle grp:alt_shift_toggle_bidir
    grp:alt_space_toggle grp:alts_toggle grp:caps_select grp:caps_switch grp:caps_toggle grp:ctrl_alt_toggle
    grp:ctrl_alt_toggle_bidir grp:ctrl_select grp:ctrl_shift_toggle grp:ctrl_shift_toggle_bidir
    grp:ctrl_space_toggle grp:ctrls_toggle grp:lalt_lshift_toggle grp:lalt_toggle grp:lctrl_lalt_toggle
    grp:lctrl_lshift_toggle grp:lctrl_lwin_rctrl_menu grp:lctrl_lwin_toggle grp:lctrl_rctrl_switch
    grp:lctrl_toggle grp:lshift_toggle grp:lswitch grp:lwin_switch grp:lwin_toggle grp:menu_switch
    grp:menu_toggle grp:ralt_rshift_toggle grp:rctrl_ralt_toggle grp:rctrl_rshift_toggle grp:rctrl_switch
    grp:rctrl_toggle grp:rshift_toggle grp:rwin_switch grp:rwin_toggle grp:sclk_toggle grp:shift_caps_switch
    grp:shift_caps_toggle grp:shifts_toggle grp:switch grp:toggle grp:win_menu_select grp:win_menu_switch
    grp:win_space_toggle grp:win_switch grp_led grp_led:caps grp_led:num grp_led:scroll hyper:mod2 hyper:mod3
    hyper:mod4 japan japan:hztg_escape japan:kana_lock japan:nicola_f_bs keypad keypad:atm keypad:future
    keypad:future_wang keypad:hex keypad:legacy keypad:legacy_wang keypad:oss keypad:oss_wang
    keypad:pointerkeys korean korean:ralt_hangul korean:ralt_hanja korean:rctrl_hangul korean:rctrl_hanja kpdl
    kpdl:comma kpdl:commaoss kpdl:dot kpdl:dotoss kpdl:dotoss_latin9 kpdl:kposs kpdl:momayyezoss kpdl:semi lv2
    lv2:lsgt_switch lv3 lv3:alt_switch lv3:bksl_switch lv3:bksl_switch_latch lv3:caps_switch
    lv3:caps_switch_capslock_with_ctrl lv3:caps_switch_latch lv3:enter_switch lv3:lalt_switch lv3:lsgt_switch
    lv3:lsgt_switch_latch lv3:lwin_switch lv3:menu_switch lv3:ralt_alt lv3:ralt_switch
    lv3:ralt_switch_multikey lv3:rwin_switch lv3:switch lv3:win_switch lv5 lv5:caps_switch lv5:lsgt_switch
    lv5:lsgt_switch_lock lv5:lsgt_switch_lock_cancel lv5:lwin_switch_lock lv5:menu_switch lv5:ralt_switch
    lv5:ralt_switch_lock lv5:rctrl_switch lv5:rwin_switch_lock misc:apl misc:typo mod_led mod_led:compose nbsp
    nbsp:level2 nbsp:level3 nbsp:level3n nbsp:level3s nbsp:level4 nbsp:level4n nbsp:level4nl nbsp:none
    nbsp:zwnj2 nbsp:zwnj2nb3 nbsp:zwnj2nb3nnb4 nbsp:zwnj2nb3s nbsp:zwnj2nb3zwj4 nbsp:zwnj2zwj3
    nbsp:zwnj2zwj3nb4 nbsp:zwnj3zwj4 numpad:mac numpad:microsoft numpad:pc numpad:shift3 rupeesign:4
    scrolllock:mod3 shift:both_capslock shift:both_capslock_cancel shift:both_shiftlock shift:breaks_caps
    solaris solaris:sun_compat srvrkeys:none terminate terminate:ctrl_alt_bksp
    """)

  private static func words(_ text: String) -> [String] {
    text.split { $0 == " " || $0 == "\n" }.map(String.init)
  }
}
