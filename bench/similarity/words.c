// SPDX-License-Identifier: Apache-2.0
#include "bench/similarity/words.h"

enum {
    FREQUENT = 40,
    VOCABULARY = 4000
};

static const char *const codes[LANG_COUNT] = {"en", "de", "fr", "es", "ru", "zh",
                                              "ja", "ko", "ar", "tr", "el"};

static const char *const syllables[LANG_COUNT] = {
    "an be con der ing ist lo man ner ost per ra sel ti ver wor y th sh ter",
    "ein ver ge schl ung heit lich auf stra ß en ber ä ö ü der mit nach rei gen",
    "le que tion é è ment eau ou re vi par ais on ç ca de ti lu bon or",
    "ción ar de lo que ía o ra mi ños tra pe la es te sol ver bu ca ri",
    "пре ска ро на сто ви де ли ко го мо ра ние ств ать по бы ще ло тер",
    "的 一 是 在 不 了 有 和 人 这 中 大 为 上 个 国 我 以 要 他 时 来 用 们 生 到 作 地 于 出",
    "の に は を た が で て と し れ さ る 会 社 品 製 情 報 新 店 方 法 電 気 車 料 理 水 山",
    "이 다 는 의 가 에 을 한 지 고 사 로 서 기 대 시 인 자 해 정 보 회 문 상 제 품 정 원 도 나",
    "ال من في ع ل م ن ر س ت ب ك و ي ه ق د ح ف ا",
    "lar ın da bir ve için ği ş ı ü ka le mek ya te sa ro ni ba çi",
    "και το της α ν ο στ ερ λο πο με τα ρι κα σι θε ου ει δια περ",
};

static const char *const phrases[LANG_COUNT][PHRASE_COUNT] = {
    {"Home", "About us", "Contact", "Search", "Legal notice", "Add to cart", "You may also like",
     "We use cookies to improve your visit. Accept all or choose your settings.", "Local time",
     "Visitors online", "Page not found", "Sorry, the page you are looking for could not be found.",
     "Maintenance", "We are down for maintenance and will be back soon.", "Log in",
     "Please log in to continue. Forgot your password?",
     "Something went wrong. Please try again later."},
    {"Startseite", "Über uns", "Kontakt", "Suche", "Impressum", "In den Warenkorb",
     "Das könnte Ihnen gefallen", "Wir verwenden Cookies. Alle annehmen oder Auswahl treffen.",
     "Uhrzeit", "Besucher online", "Seite nicht gefunden",
     "Die gewünschte Seite wurde leider nicht gefunden.", "Wartungsarbeiten",
     "Wegen Wartungsarbeiten sind wir in Kürze wieder für Sie da.", "Anmelden",
     "Bitte melden Sie sich an: Anmeldung mit Kennwort.",
     "Der Dienst ist vorübergehend nicht erreichbar."},
    {"Accueil", "À propos", "Contact", "Recherche", "Mentions légales", "Ajouter au panier",
     "Vous aimerez aussi", "Nous utilisons des cookies. Accepter ou choisir.", "Heure locale",
     "Visiteurs en ligne", "Page introuvable", "La page demandée est introuvable.", "Maintenance",
     "Le site est en maintenance, nous serons bientôt de retour.", "Connexion",
     "Connectez-vous pour continuer.", "Le service est momentanément indisponible."},
    {"Inicio", "Quiénes somos", "Contacto", "Buscar", "Aviso legal", "Añadir al carrito",
     "También te puede gustar", "Usamos cookies. Aceptar o configurar.", "Hora local", "Visitantes",
     "Página no encontrada", "No se ha encontrado la página que busca.", "En mantenimiento",
     "Estamos en mantenimiento. Volveremos pronto.", "Iniciar sesión",
     "Debe iniciar sesión para continuar.", "El servicio no está disponible."},
    {"Главная", "О нас", "Контакты", "Поиск", "Правовая информация", "В корзину",
     "Вам может понравиться", "Мы используем файлы cookie.", "Местное время", "Посетители",
     "Страница не найдена", "Запрошенная страница не найдена или удалена.", "Технические работы",
     "На сайте ведутся технические работы.", "Вход",
     "Пожалуйста, войдите: авторизация обязательна.", "Сервис временно недоступен."},
    {"首页", "关于我们", "联系我们", "搜索", "法律声明", "加入购物车", "猜你喜欢",
     "我们使用 Cookie 来改善体验。", "当地时间", "在线访客", "页面未找到",
     "抱歉，您访问的页面不存在。", "系统维护", "网站正在维护中，请稍后再试。", "登录",
     "请先登录后继续。", "服务不可用，请稍后再试。"},
    {"ホーム", "会社概要", "お問い合わせ", "検索", "特定商取引", "カートに入れる", "おすすめ商品",
     "当サイトはクッキーを使用します。", "現地時間", "訪問者数", "ページが見つかりません",
     "お探しのページは見つかりませんでした。", "メンテナンス中",
     "ただいまメンテナンスを行っております。", "ログイン", "続けるにはログインしてください。",
     "ただいまメンテナンスのためアクセスできません。"},
    {"홈", "회사 소개", "문의", "검색", "법적 고지", "장바구니 담기", "추천 상품",
     "쿠키를 사용합니다.", "현지 시간", "방문자", "페이지를 찾을 수 없습니다",
     "요청하신 페이지를 찾을 수 없습니다.", "시스템 점검", "서비스 점검 중입니다.", "로그인",
     "계속하려면 로그인하세요.", "서비스 점검 중입니다. 잠시 후 다시."},
    {"الرئيسية", "من نحن", "اتصل بنا", "بحث", "إشعار قانوني", "أضف إلى السلة", "قد يعجبك أيضا",
     "نستخدم ملفات تعريف الارتباط.", "الوقت المحلي", "الزوار", "الصفحة غير موجودة",
     "عذرا، الصفحة المطلوبة غير موجودة.", "صيانة", "الموقع قيد الصيانة، سنعود قريبا. صيانة",
     "تسجيل الدخول", "يرجى تسجيل الدخول للمتابعة.", "الموقع قيد صيانة مؤقتة."},
    {"Ana sayfa", "Hakkımızda", "İletişim", "Ara", "Yasal uyarı", "Sepete ekle",
     "Bunlar da ilginizi çekebilir", "Çerezleri kullanıyoruz.", "Yerel saat", "Ziyaretçiler",
     "Sayfa bulunamadı", "Aradığınız sayfa bulunamadı.", "Bakım", "Sitemizde bakım yapılıyor.",
     "Giriş yap", "Devam etmek için giriş yapın.", "Sitemizde bakım var."},
    {"Αρχική", "Σχετικά", "Επικοινωνία", "Αναζήτηση", "Όροι", "Στο καλάθι", "Δείτε επίσης",
     "Χρησιμοποιούμε cookies.", "Τοπική ώρα", "Επισκέπτες", "Η σελίδα δεν βρέθηκε",
     "Η σελίδα που ζητήσατε δεν βρέθηκε.", "Συντήρηση", "Ο ιστότοπος είναι υπό συντήρηση.",
     "Σύνδεση", "Απαιτείται σύνδεση για να συνεχίσετε.", "Ο ιστότοπος είναι υπό συντήρηση."},
};

const char *language_code(enum language language)
{
    return codes[language];
}

const char *phrase_of(enum language language, enum phrase phrase)
{
    return phrases[language][phrase];
}

bool language_is_western(enum language language)
{
    return language <= LANG_ES;
}

// splitmix64 (Steele, Lea, Flood 2014).
uint64_t dice_next(struct dice *dice)
{
    dice->state += 0x9E3779B97F4A7C15U;
    uint64_t z = dice->state;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31);
}

struct dice dice_of(uint64_t a, uint64_t b, uint64_t c)
{
    struct dice dice = {a * 0x9E3779B97F4A7C15U + b};
    dice.state = dice_next(&dice) + c * 0xD1B54A32D192ED03U;
    (void)dice_next(&dice);
    return dice;
}

size_t dice_below(struct dice *dice, size_t n)
{
    return n == 0 ? 0 : (size_t)(dice_next(dice) % n);
}

static _Noreturn void no_memory(void)
{
    (void)fputs("no memory\n", stderr);
    exit(1);
}

void put(struct buf *out, const char *text)
{
    if (buf_add_str(out, text) != ERR_OK) {
        no_memory();
    }
}

static void put_span(struct buf *out, struct span s)
{
    if (buf_add(out, s.at, s.len) != ERR_OK) {
        no_memory();
    }
}

static struct span syllable(enum language language, size_t number)
{
    struct span rest = span_of(syllables[language]);
    size_t count = 1;
    for (size_t i = 0; i < rest.len; i++) {
        count += rest.at[i] == ' ';
    }
    struct span one = {NULL, 0};
    for (size_t i = 0; i <= number % count; i++) {
        one = span_cut(&rest, ' ');
    }
    return one;
}

void word_add(struct buf *out, enum language language, uint64_t topic, size_t number)
{
    // Frequent words belong to the language, the others to the site's topic as well.
    struct dice dice = dice_of((uint64_t)language, number, number < FREQUENT ? 0 : topic % 8);
    size_t parts =
        (number >= FREQUENT / 2 ? 2U : 1U) + dice_below(&dice, number < FREQUENT ? 1 : 3);
    for (size_t i = 0; i < parts; i++) {
        put_span(out, syllable(language, dice_below(&dice, 1000)));
    }
}

void sentence_add(struct buf *out, enum language language, uint64_t topic, struct dice *dice,
                  size_t count)
{
    bool spaced = language != LANG_ZH && language != LANG_JA;
    for (size_t i = 0; i < count; i++) {
        // Rank by a squared uniform number: about a third of all words are frequent ones.
        size_t u = dice_below(dice, 1000);
        size_t number =
            dice_below(dice, 3) == 0 ? dice_below(dice, FREQUENT) : u * u * VOCABULARY / 1000000;
        word_add(out, language, topic, number);
        bool stop = i + 1 == count || dice_below(dice, 12) == 0;
        put(out, stop ? (spaced ? ". " : "。") : spaced ? " " : "");
    }
}
