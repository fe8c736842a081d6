// What can be found in the town: [id, name, kind, street, stars, opening hours].
window.places = [
  ["luigi", "Luigi's Oven", "pizza", "12 Canal Street", 4.6, "11:00 to 22:00"],
  ["napoli", "Pizzeria Napoli", "pizza", "3 Market Square", 4.2, "12:00 to 23:00"],
  ["corner", "Corner Slice", "pizza", "88 Hill Road", 3.9, "10:00 to 20:00"],
  ["stone", "Stone & Basil", "pizza", "41 Garden Lane", 4.8, "17:00 to 23:00"],
  ["bean", "Bean There", "café", "7 Station Road", 4.4, "07:00 to 18:00"],
  ["lark", "The Early Lark", "café", "19 Mill Lane", 4.1, "06:30 to 15:00"],
  ["cup", "Second Cup", "café", "2 Bridge Street", 3.7, "08:00 to 19:00"],
  ["page", "Turned Page", "bookshop", "30 Church Street", 4.9, "09:00 to 18:30"],
  ["ink", "Ink & Paper", "bookshop", "5 Canal Street", 4.3, "10:00 to 19:00"],
  ["quill", "The Quill", "bookshop", "64 High Street", 4.0, "09:30 to 17:30"],
  ["rex", "Rex Cinema", "cinema", "1 Market Square", 4.5, "14:00 to 00:00"],
  ["lumen", "Lumen Pictures", "cinema", "77 High Street", 4.1, "15:00 to 23:30"],
  ["pulse", "Pulse Gym", "gym", "9 Dock Road", 3.8, "06:00 to 22:00"],
  ["peak", "Peak Climbing", "gym", "52 Hill Road", 4.7, "09:00 to 21:00"],
  ["sage", "Sage Pharmacy", "pharmacy", "15 Station Road", 4.2, "08:00 to 20:00"],
  ["green", "Green Cross", "pharmacy", "23 High Street", 4.0, "09:00 to 19:00"],
].map(([id, name, kind, street, stars, hours]) => ({ id, name, kind, street, stars, hours }));
