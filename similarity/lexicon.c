// SPDX-License-Identifier: Apache-2.0
#include "similarity/lexicon.h"

// Titles, lower-cased, white space levelled. Wordings as the products ship them.
static const struct lexicon_entry stock_titles[] = {
    {"nginx", "\\Awelcome to (?:nginx|openresty|tengine)|test page for the nginx", STOCK_DEFAULT,
     NULL},
    {"apache", "apache2? \\w{0,12} ?default page|apache(?: http)? server test page", STOCK_DEFAULT,
     NULL},
    {"test_page",
     "http server test page|\\A(?:amazon linux|centos|fedora|rocky|alma)\\w* .{0,20}test page",
     STOCK_DEFAULT, NULL},
    {"it_works", "\\Ait works!?\\z", STOCK_DEFAULT, NULL},
    {"iis", "\\Aiis ?\\d{0,2}(?: windows.{0,12})?\\z|microsoft internet information services",
     STOCK_DEFAULT, NULL},
    {"tomcat", "\\Aapache tomcat(?:/[\\d.]+)?\\z", STOCK_DEFAULT, "successfully installed tomcat"},
    {"caddy", "\\Acaddy works", STOCK_DEFAULT, NULL},
    {"lighttpd", "\\Awelcome page\\z|placeholder page", STOCK_DEFAULT, "lighttpd|placeholder"},
    {"litespeed", "\\Acongratulations?\\z", STOCK_DEFAULT, "litespeed"},
    {"plesk_default",
     "server'?s? default page|domain default page|default (?:parallels )?plesk page", STOCK_DEFAULT,
     NULL},
    {"cpanel_default", "\\Adefault web ?site page|\\Adefault page\\z|hostinger.{0,9}default page",
     STOCK_DEFAULT, NULL},
    {"ispconfig_default", "\\Awelcome!?\\z", STOCK_DEFAULT,
     "default index page of your website|ispconfig"},
    {"xampp", "\\Awelcome to (?:xampp|wamp|wildfly|jboss|jetty|centos)", STOCK_DEFAULT, NULL},
    {"new_server",
     "your new web ?server is ready|synology web station|the install worked successfully",
     STOCK_DEFAULT, NULL},
    {"wordpress_setup", "wordpress.{1,12}(?:setup configuration|installation)", STOCK_DEFAULT,
     NULL},
    {"new_domain", "votre domaine a bien|domain(?:name)? (?:wurde|is|has been) (?:neu )?registr",
     STOCK_DEFAULT, NULL},
    {"coming_soon",
     "\\A(?:.{0,40}[|\\x{2013}\\x{2014}-] )?(?:coming soon|under construction|launching soon|site "
     "en "
     "construction|in costruzione|en construcci\\x{f3}n|im aufbau)",
     STOCK_DEFAULT, NULL},
    {"parked",
     "domain (?:is )?(?:for sale|parked|parking)|parked domain|buy this domain|is for sale\\z",
     STOCK_PARKED, NULL},
    {"suspended",
     "(?:account|web ?site|site|service|hosting|domain)(?: has been| is| was)? "
     "(?:suspended|deactivated|disabled)|bandwidth limit exceeded",
     STOCK_SUSPENDED, NULL},
    {"cpanel", "\\A(?:cpanel|whm|webmail)\\b.{0,20}log ?in", STOCK_PANEL, NULL},
    {"plesk", "\\A(?:log ?in to )?plesk(?: \\w+)?(?: [\\d.]+)?\\z", STOCK_PANEL, NULL},
    {"panel",
     "directadmin|ispconfig|\\Alog ?in to (?:webmin|virtualmin|usermin)|vesta(?:cp| "
     "control)|hestia|"
     "cyberpanel|froxlor|ajenti|aapanel|proxmox virtual",
     STOCK_PANEL, "password|login"},
    {"phpmyadmin", "\\Aphpmyadmin", STOCK_PANEL, NULL},
    {"device",
     "pfsense - login|opnsense|routeros|fritz!box|\\Aunifi|diskstation|\\Arouter login|idrac",
     STOCK_PANEL, NULL},
    {"cloudflare_challenge", "\\Ajust a moment\\b|attention required! \\| cloudflare",
     STOCK_CHALLENGE, NULL},
    {"challenge",
     "ddos-guard|checking your browser|\\Aone moment,? please|access to this page has been denied|"
     "are you a robot|robot check|human verification|verif.{1,12} you are (?:a )?human|security "
     "check|pardon our interruption|making sure you.{1,8}re not a bot|security checkpoint|client "
     "challenge|bot (?:verification|protection)|\\A(?:re|h)?captcha|sucuri website firewall|bunny "
     "shield|\\Aplease wait\\b|\\Arequest rejected",
     STOCK_CHALLENGE, NULL},
    {"maintenance",
     "maintenance(?: mode)?\\z|\\Amaintenance\\b|(?:under|for|scheduled) maintenance|site (?:is "
     ")?(?:currently "
     "|temporarily )?(?:offline|down|closed)|temporarily (?:unavailable|offline|down|closed)|be "
     "(?:right "
     ")?back (?:soon|shortly)|wartung(?:s|\\b)|(?:en|in) (?:mantenimiento|manutenzione)|em "
     "manuten|техническ\\w+ (?:работ|обслуж)|технічн\\w+ "
     "робот|メンテナンス|(?:维护|維護)|점검|onderhoud|"
     "bakım|صيانة|przerwa techniczna|údržb",
     STOCK_MAINTENANCE, NULL},
    {"database",
     "database (?:connection )?error|error establishing a database|database unavailable|mysql "
     "error",
     STOCK_DATABASE, NULL},
    {"http_error",
     "\\A(?:\\w+ )?(?:error:? ?)?[45]\\d\\d\\b.{0,12}(?:not "
     "found|forbidden|gateway|service|unavailable|internal|"
     "error|bad "
     "request|unauthori[sz]ed|denied|time-?out|misdirected|request|authorization)|\\A(?:http "
     ")?(?:error )?[45]\\d\\d\\z|http (?:status|error) [45]\\d\\d|\\| 5\\d\\d: ",
     STOCK_ERROR, NULL},
    {"error",
     "\\A(?:page |file |site |object |resource )?not found!?\\z|\\A(?:site|host|page|domain) not "
     "found|"
     "\\Aservice (?:temporarily )?unavailable|internal server error|\\Abad "
     "(?:gateway|request)|\\Aaccess "
     "(?:is "
     ")?(?:denied|forbidden)|\\Aforbidden\\z|\\Aunauthorized\\z|\\A(?:application|runtime|server|"
     "fatal) error"
     "|something went wrong|disallowedhost at|web server is "
     "(?:down|returning)|\\Awhoops|\\Aerror\\z|\\Ainvalid "
     "(?:host|hostname|request|url)|gateway time-?out|\\Asite (?:not (?:configured|installed))",
     STOCK_ERROR, NULL},
    {"directory",
     "\\A(?:index of|directory listing (?:for|of)|listing of|directory:?) /|\\A\\S+ - /\\z",
     STOCK_DIRECTORY, NULL},
};

// Bodies of up to LIMIT_STOCK_SCAN, after PATTERN_PARKED_HINT.
static const struct lexicon_entry parked[] = {
    {"parked",
     "domain(?: name)?(?: \\S{1,60})? (?:is|may be|might be) (?:listed )?(?:for sale|available "
     "for|parked)|"
     "(?:buy|purchase) this domain|parked (?:free|domain|page)|domain "
     "parking|sedoparking|parkingcrew"
     "|hugedomains|parking-lander|domain has (?:just )?(?:been "
     "registered|expired)|domain[^.<]{0,40} zu "
     "verkaufen|domaine? [^.<]{0,40}(?:est )?(?:à|en) vente|dominio [^.<]{0,30}(?:en|in) "
     "vend?|домен "
     "[^.<]{0,30}(?:прода|припаркован)",
     STOCK_PARKED, NULL},
};

static const struct lexicon_entry parked_hint[] = {{"", "domain|parke?|домен|dominio", 0, NULL}};

// Bodies of a few KiB, raw.
static const struct lexicon_entry small_bodies[] = {
    {"it_works", "<h1>it works!|apache is functioning normally", STOCK_DEFAULT, NULL},
    {"not_configured",
     "no site configured at this address|(?:domain|site|host(?:name)?) (?:is )?(?:not "
     "configured|unknown)"
     "|there isn't a github pages site here|no such app|nosuchbucket|is not served on this "
     "interface|"
     "this is the default (?:server|web) ?(?:page|site|vhost)|default server vhost",
     STOCK_DEFAULT, NULL},
    {"suspended", "account has been suspended|suspendedpage\\.cgi", STOCK_SUSPENDED, NULL},
    {"challenge",
     "_cf_chl_opt|_incapsula_resource|geo\\.captcha-delivery\\.com|token\\.awswaf\\.com|px-captcha|"
     "sucuri_cloudproxy_js|/\\.well-known/ddos-guard|window\\._pxappid|toNumbers\\(\"[0-9a-f]{32}",
     STOCK_CHALLENGE, NULL},
    {"http_to_https_port",
     "plain http request was sent to https port|speaking plain http to an ssl-enabled|client sent "
     "an "
     "http request to an https server",
     STOCK_ERROR, NULL},
    {"error",
     "\\A\\s*404 page not found\\s*\\z|default backend - 404|no healthy upstream|<h1>(?:[45]\\d\\d "
     ")?(?:not found|forbidden|bad gateway|service unavailable|internal server error)|fatal error: "
     "uncaught|the requested url (?:\\S+ )?was not found|upstream connect error",
     STOCK_ERROR, NULL},
    {"database",
     "error (?:establishing a database|connecting to (?:the )?database)|could not connect to "
     "(?:the )?(?:database|mysql)|mysql server has gone away|sqlstate\\[|access denied for user '",
     STOCK_DATABASE, NULL},
    {"maintenance", "<h1>[^<]{0,40}(?:maintenance|be (?:right )?back soon)", STOCK_MAINTENANCE,
     NULL},
};

// Whole words of visible text. UUID (RFC 9562), hexadecimal, ISO 8601, base64 and its URL form.
static const struct lexicon_entry volatile_words[] = {
    {"", "\\A[^\\w]*[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}[^\\w]*\\z", 0, NULL},
    {"", "\\A[^\\w]*(?:0x)?[0-9a-f]{8,}[^\\w]*\\z", 0, NULL},
    {"", "\\A[^\\w]*\\d{4}-\\d\\d-\\d\\dt\\d\\d:\\d\\d\\S*\\z", 0, NULL},
    {"", "\\A[^\\w]*(?=[^a-z]*+[a-z])[a-z0-9+/]{10,}={0,2}[^\\w]*\\z", 0, NULL},
    {"", "\\A[^\\w]*(?=(?:\\D*+\\d){4})(?=[^a-z]*+[a-z])[a-z0-9_-]{16,}[^\\w]*\\z", 0, NULL},
};

static const struct lexicon_entry script_moves[] = {
    {"http", "(?:location(?:\\.href)?\\s*=|location\\.(?:replace|assign)\\s*\\()\\s*[\"']http://",
     0, NULL},
    {"move",
     "(?:window|document|self|top|parent)?\\.?location(?:\\.href)?\\s*=\\s*[\"'`\\w]|location\\.(?:"
     "replace|"
     "assign)\\s*\\(",
     0, NULL},
};

static const struct lexicon_entry soft_errors[] = {
    {"missing",
     "not found|\\b404\\b|can(?:no|')t be found|could(?: not|n.t) (?:be found|find)|does(?: "
     "not|n.t) exist|no "
     "longer (?:exists|available)|page (?:you|that you) (?:are|were|requested)|nothing (?:was "
     ")?found|"
     "nicht gefunden|existiert nicht|nicht mehr (?:verfügbar|vorhanden)|introuvable|non "
     "trouvée|n.existe "
     "p(?:as|lus)|no (?:se )?(?:ha )?(?:sido )?(?:podido )?encontra|no existe|não (?:foi "
     ")?encontrad|non (?:è "
     "stata )?trovat|niet gevonden|hittades inte|ikke funnet|nie (?:została )?znalezion|nenalezen|"
     "bulunamadı|не найден|не існує|не существует|не "
     "знайден|見つかりません|存在しません|找不到|不存在|未找到|찾을 수 "
     "없|존재하지 않|غير موجود|لم يتم العثور|लापता|नहीं मिला|ไม่พบ|δεν βρέθηκε|לא נמצא",
     0, NULL},
    {"down",
     "maintenance|be (?:right )?back (?:soon|shortly|online)|temporarily "
     "(?:unavailable|offline|closed|down|"
     "out)|service unavailable|currently unavailable|technical difficult|something went "
     "wrong|server error|"
     "try again later|site (?:is )?(?:offline|suspended|disabled)|wartung|vorübergehend nicht|in "
     "kürze "
     "wieder|bientôt de retour|de retour bient|indisponible|mantenimiento|volveremos|no "
     "disponible|manuten|"
     "voltaremos|indispon|torneremo|onderhoud|underhåll|przerwa techn|konserwac|údržb|bakım|"
     "техническ\\w+ работ|обслуживани|временно недоступ|технічн\\w+ "
     "робот|メンテナンス|维护|維護|稍后再试|점검|صيانة|"
     "रखरखाव|ปิดปรับปรุง|συντήρησ|תחזוקה",
     0, NULL},
    {"denied",
     "access (?:is )?denied|forbidden|not authori[sz]ed|permission (?:to|denied)|zugriff "
     "verweigert|accès "
     "(?:refusé|interdit)|acceso denegado|acesso negado|accesso negato|toegang geweigerd|доступ "
     "(?:запрещ|закрыт)|アクセスできません|访问被拒绝|접근",
     0, NULL},
    {"building",
     "coming soon|under construction|im aufbau|en construction|en construcción|in costruzione", 0,
     NULL},
};

static const struct lexicon_entry soft_titles[] = {
    {"error",
     "\\b(?:error|exception|unavailable|expired|suspended|offline)\\b|\\b[45]\\d\\d\\b|"
     "fehler|erreur|\\berro\\b|errore|fout\\b|błąd|chyba|hata\\b|virhe|σφάλμα|ошибк|помилк|خطأ|"
     "שגיאה|त्रुटि|ข้อผิดพลาด|エラー|错误|錯誤|오류",
     0, NULL},
};

static const struct lexicon_entry soft_logins[] = {
    {"login",
     "\\b(?:sign|log)[ -]?(?:in|on)\\b|\\blogin\\b|anmeld|einloggen|connexion|connectez|se "
     "connecter|"
     "iniciar sesi|acced[ei]|fazer login|entrar|inloggen|logga in|zaloguj|logowanie|přihlá|giriş|"
     "войти|вход|авториз|увійти|ログイン|登录|登入|로그인|تسجيل الدخول|लॉग "
     "इन|เข้าสู่ระบบ|σύνδεση|התחבר|members? (?:only|"
     "area)|password required|subscribers? only",
     0, NULL},
};

#define TABLE(pattern, rows, utf) [pattern] = {rows, COUNT_OF(rows), utf}

static const struct {
    const struct lexicon_entry *entries;
    size_t count;
    bool utf;
} tables[PATTERN_COUNT] = {
    TABLE(PATTERN_VOLATILE, volatile_words, false), TABLE(PATTERN_SCRIPT_MOVE, script_moves, false),
    TABLE(PATTERN_PARKED_HINT, parked_hint, false), TABLE(PATTERN_STOCK_TITLE, stock_titles, true),
    TABLE(PATTERN_STOCK_PARKED, parked, false),     TABLE(PATTERN_STOCK_SMALL, small_bodies, false),
    TABLE(PATTERN_SOFT_ERROR, soft_errors, true),   TABLE(PATTERN_SOFT_LOGIN, soft_logins, true),
    TABLE(PATTERN_SOFT_TITLE, soft_titles, true),
};

const struct lexicon_entry *lexicon_entries(enum pattern which, size_t *count)
{
    *count = tables[which].count;
    return tables[which].entries;
}

const struct lexicon_entry *lexicon_named(enum pattern which, const char *name)
{
    for (size_t i = 0; i < tables[which].count; i++) {
        if (strcmp(tables[which].entries[i].name, name) == 0) {
            return &tables[which].entries[i];
        }
    }
    return NULL;
}

bool lexicon_is_utf(enum pattern which)
{
    return tables[which].utf;
}

const char *stock_kind_str(enum stock_kind kind)
{
    static const char *const words[STOCK_KIND_COUNT] = {"default page of a server",
                                                        "parked domain",
                                                        "suspended account",
                                                        "login of a panel",
                                                        "bot challenge",
                                                        "maintenance page",
                                                        "error page",
                                                        "database error",
                                                        "directory listing"};
    return words[kind];
}
