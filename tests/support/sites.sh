#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# sites.sh DIR: writes the folders that the test servers serve, one per kind of site.
set -eu
[ $# -eq 1 ] || { echo "usage: sites.sh DIR" >&2; exit 2; }
mkdir -p "$1"
cd "$1"

page() { # page FILE TITLE: body from stdin; $head goes into the head
    mkdir -p "$(dirname "$1")"
    {
        cat <<END
<!DOCTYPE html>
<html lang="${lang:-en}">
<head>
<meta charset="utf-8">
<title>$2</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
${head:-}
</head>
<body>
<header><h1>$2</h1>
<nav><a href="${base:-}/">Home</a> <a href="${base:-}/boats/oak.html">Oak boats</a>
<a href="${base:-}/boats/pine.html">Pine boats</a> <a href="${base:-}/repairs.html">Repairs</a>
<a href="${base:-}/about.html">About us</a></nav></header>
<main>
END
        cat
        cat <<END
</main>
<footer><p>Harbour Street 12. Open Monday to Friday from eight to five, on Saturdays until noon.</p>
${foot:-}</footer>
</body>
</html>
END
    } >"$1"
}

boatyard() { # boatyard DIR: the site most rows serve; head, foot and base vary it
    page "$1/index.html" "The Harbour Boatyard" <<'END'
<p>We have built and repaired wooden boats on the east quay since the spring of nineteen fifty two.
Four generations have learned the trade here, and the oldest boat that we still look after is a
fishing smack of ninety years which goes out with tourists every summer weekend.</p>
<h2>What we do</h2>
<ul><li>New rowing boats and dinghies in oak, larch and pine, from plan to launch</li>
<li>Replacement of planks, ribs, keels and decks, also on boats of other yards</li>
<li>Winter storage under a dry roof with a weekly look at covers and moorings</li>
<li>Courses in caulking, splicing and varnishing for beginners and owners</li></ul>
<h2>This season</h2>
<p>The slipway is free again from the second week of April. Owners who want their boats in the
water before the regatta should call us before the end of February, because the big crane comes
only twice. The workshop shows its new steam box on the open day in May, with coffee and cake from
the bakery next door, and the children may hammer copper nails into a plank that stays here.</p>
END
    page "$1/boats/oak.html" "Oak boats" <<'END'
<p>Oak is heavy, slow to dry and worth the wait. We buy whole trunks from two forests inland, saw
them in January and let the planks rest for four years behind the shed. A boat of four metres takes
about six hundred hours, most of them for the ribs, which are steamed and bent while they are hot.
The hull is fastened with copper rivets and painted below the water line with red lead.</p>
<table><tr><th>Length</th><th>Seats</th><th>Weight</th></tr>
<tr><td>3.60 m</td><td>3</td><td>140 kg</td></tr><tr><td>4.20 m</td><td>5</td><td>190 kg</td></tr></table>
END
    page "$1/boats/pine.html" "Pine boats" <<'END'
<p>Pine boats are light enough for two people to carry over a beach. They cost about half of an oak
boat and live half as long, unless the owner oils them every spring, and then they may well outlive
him. We build them in the old way with overlapping planks, and keep three for hire on the lake, where
a morning with a picnic basket costs twenty five and the life jackets are included.</p>
END
    page "$1/repairs.html" "Repairs" <<'END'
<p>Bring the boat, or a photograph of the damage and the length of the hull. Small leaks are often
closed on the same day. Rot around the keel needs more time, since we take out everything that a
screwdriver can enter and then look again a week later. Every repair comes with a drawing of what
was replaced and with which wood, so that the next yard knows what it has in front of it.</p>
END
    page "$1/about.html" "About us" <<'END'
<p>Eleven people work here: six boat builders, two apprentices, a sail maker, a crane driver, and
Ingrid, who answers the telephone and knows where everything is. The yard belongs to those who work
in it. Once a year we close for a week, sail together to the islands and argue about varnish.</p>
END
}

boatyard boatyard

# A nonce, a token and a clock in every answer, by server side includes.
# shellcheck disable=SC2016
head='<script nonce="<!--#echo var="request_id" -->">var csrf = "<!--#echo var="request_id" -->";</script>'
foot='<p>Page made at <!--#config timefmt="%Y-%m-%d %H:%M:%S" --><!--#echo var="date_local" --> for request
<!--#echo var="request_id" --></p><form action="/search"><input type="hidden" name="token"
value="<!--#echo var="request_id" -->"><input name="q"></form>'
boatyard noise
head=
foot=

# shellcheck disable=SC2016
base='<!--#echo var="scheme" -->://<!--#echo var="host" -->'
boatyard absolute
base=

head='<link rel="stylesheet" href="http://static.example/style.css">'
foot='<img src="http://static.example/logo.png" alt=""><script src="http://static.example/app.js"></script>'
boatyard mixed
head=
foot=

cp -R boatyard refresh
head='<meta http-equiv="refresh" content="0; url=/welcome.html">'
page refresh/index.html "One moment" <<'END'
<p>You are taken to our front page.</p>
END
head=
cp boatyard/index.html refresh/welcome.html

lang=de
page german/index.html "Die Bootswerft am Hafen" <<'END'
<p>Seit dem Jahr neunzehnhundertzweiundfünfzig bauen und reparieren wir Holzboote am östlichen Kai.
Vier Generationen haben hier das Handwerk gelernt, und das älteste Schiff, um das wir uns kümmern,
ist ein neunzig Jahre alter Fischkutter, der im Sommer jedes Wochenende Gäste hinausfährt.</p>
<h2>Unsere Arbeit</h2>
<ul><li>Neue Ruderboote aus Eiche, Lärche und Kiefer</li><li>Planken, Spanten, Kiel und Deck</li>
<li>Winterlager unter trockenem Dach</li><li>Kurse für Anfänger und Eigner</li></ul>
<p>Der Slip ist ab der zweiten Aprilwoche wieder frei. Wer vor der Regatta ins Wasser möchte, ruft
uns bitte bis Ende Februar an, denn der große Kran kommt nur zweimal.</p>
END
lang=

page old/index.html "Harbour Boatyard Ltd" <<'END'
<p>Welcome to our new web site! It was last updated in March 2009. Please bear with us while the
photo gallery is under construction.</p>
<p>Price list 2009: rowing boat hire eight pounds an hour, winter storage forty pounds a metre,
antifouling ninety pounds plus paint. Our guest book is open again after the spam attack, and the
web ring of wooden boat friends has three new members. Best viewed at 1024 by 768.</p>
<p>News: the crane is booked for the twelfth of October. The Christmas party is in the sail loft.
George retires after thirty one years at the band saw; we wish him calm seas.</p>
END

page login/index.html "Sign in" <<'END'
<form method="post" action="/session"><p>Please sign in to continue.</p>
<label>User name <input name="user" autocomplete="username"></label>
<label>Password <input type="password" name="password" autocomplete="current-password"></label>
<button type="submit">Sign in</button> <a href="/forgotten">Forgotten your password?</a></form>
END

page soft404/index.html "404 Not Found" <<'END'
<h2>Page not found</h2><p>Sorry, the page you are looking for does not exist or has been moved.
Check the address or go back to the home page.</p>
END

mkdir -p nginx-default apache-default empty json image shell
cat >nginx-default/index.html <<'END'
<!DOCTYPE html>
<html>
<head>
<title>Welcome to nginx!</title>
<style>
html { color-scheme: light dark; }
body { width: 35em; margin: 0 auto;
font-family: Tahoma, Verdana, Arial, sans-serif; }
</style>
</head>
<body>
<h1>Welcome to nginx!</h1>
<p>If you see this page, the nginx web server is successfully installed and
working. Further configuration is required.</p>

<p>For online documentation and support please refer to
<a href="http://nginx.org/">nginx.org</a>.<br/>
Commercial support is available at
<a href="http://nginx.com/">nginx.com</a>.</p>

<p><em>Thank you for using nginx.</em></p>
</body>
</html>
END
echo '<html><body><h1>It works!</h1></body></html>' >apache-default/index.html
: >empty/index.html
cat >json/index.json <<'END'
{"service":"tides","version":"2.4","stations":[{"id":17,"name":"East quay","high":"04:12"},
{"id":18,"name":"Lighthouse","high":"04:31"}],"documentation":"/docs"}
END
# A PNG of one pixel.
printf '%b' '\0211PNG\r\n\032\n\0\0\0\rIHDR\0\0\0\01\0\0\0\01\010\06\0\0\0\037\025\0304\0211\0\0\0\rIDATx\0332c\0370\0357\0277\036\0\06W\02\0177\0236\0344\0342\0314\0\0\0\0IEND\0256B`\0202' >image/index.png
cat >shell/index.html <<'END'
<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Harbour berths</title>
<link rel="stylesheet" href="/app.css"><script defer src="/app.js"></script></head>
<body><noscript>The berth finder needs scripts to show which places in the harbour are free.</noscript>
<div id="root"></div></body></html>
END
echo 'main { display: grid; gap: 1rem; }' >shell/app.css
cat >shell/app.js <<'END'
const berths = [{ quay: "east", length: 12 }, { quay: "north", length: 9 }];
document.getElementById("root").textContent = berths.map((b) => b.quay + " " + b.length).join(", ");
END
cat >shell/old.js <<'END'
var places = ["A1", "A2", "A7"];
document.getElementById("app").innerHTML = "<ul><li>" + places.join("</li><li>") + "</li></ul>";
window.setInterval(function () { location.reload(); }, 600000);
END
find . -type d -exec chmod 755 {} + -o -type f -exec chmod 644 {} +
