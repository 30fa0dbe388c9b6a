#!/bin/sh
# Makes the sentences the simulated customers speak: espeak-ng reads them, sox turns them into what travels in a call
# (G.711 µ-law, 8,000 samples per second, one byte each, no header). The results are committed, so that practice mode
# needs neither program; run this again after changing a sentence. Keep the texts in step with ../customers/voices.ts.
set -eu
cd "$(dirname "$0")"

say() { # language, voice, file, sentence
  espeak-ng -v "$2" -s 165 -g 2 --stdout "$4" |
    sox -t wav - -t raw -r 8000 -c 1 -e mu-law "$3" norm -9 silence 1 0.02 0.5% reverse silence 1 0.02 0.5% reverse
}

zh() { say zh cmn "zh-$1.ulaw" "$2"; }
en() { say en en-gb "en-$1.ulaw" "$2"; }

zh hello 喂,你好。
zh bill 我想查一下我的话费。
zh higher 这个月的话费怎么比上个月高?
zh cancel 请帮我把这个套餐取消。
zh details 我想要一份通话详单。
zh slow 家里的宽带最近很慢。
zh yes 对,是的。
zh no 不用了。
zh bye 好的,谢谢,再见。

en hello 'Hello, good day.'
en bill 'I would like to check my bill, please.'
en higher 'Why is my bill higher than last month?'
en cancel 'Please cancel this package for me.'
en details 'I need the details of my calls.'
en slow 'My broadband has been slow lately.'
en yes 'Yes, that is right.'
en no 'No, thank you.'
en bye 'All right, thanks. Good bye.'
