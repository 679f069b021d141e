// Fitted polynomials for the special functions in WGSL, as many terms as float32
// needs; written by tests/goldens/make_special_series.py.

import { addFunctions } from "./library.ts";

addFunctions(`
fn fromJ0Zero0(x: f32) -> f32 { return exactly(x - 2.40482545) - (1.08705905e-07); }
fn fromJ0Zero1(x: f32) -> f32 { return exactly(x - 5.52007818) - (-7.19341483e-08); }
fn fromJ1Zero0(x: f32) -> f32 { return exactly(x - 3.83170605) - (-7.68505932e-08); }
fn fromJ1Zero1(x: f32) -> f32 { return exactly(x - 7.01558685) - (-1.83211725e-07); }
fn fromY0Zero0(x: f32) -> f32 { return exactly(x - 0.89357698) - (-1.33579785e-08); }
fn fromY0Zero1(x: f32) -> f32 { return exactly(x - 3.95767832) - (1.01291176e-07); }
fn fromY0Zero2(x: f32) -> f32 { return exactly(x - 7.08605099) - (7.30581204e-08); }
fn fromY1Zero0(x: f32) -> f32 { return exactly(x - 2.19714141) - (-8.28892711e-08); }
fn fromY1Zero1(x: f32) -> f32 { return exactly(x - 5.42968082) - (2.1651435e-07); }
fn i0Near(x: f32) -> f32 {
  var p = 1.55364143e-13;
  p = fma(p, x, 4.23787108e-12);
  p = fma(p, x, 6.90990968e-10);
  p = fma(p, x, 3.83250734e-08);
  p = fma(p, x, 1.93811598e-06);
  p = fma(p, x, 6.93937125e-05);
  p = fma(p, x, 0.00173628664);
  p = fma(p, x, 0.0277774245);
  p = fma(p, x, 0.250000364);
  p = fma(p, x, 0.999999854);
  p = fma(p, x, 1.00000001);
  return p;
}
fn i0Far(x: f32) -> f32 {
  let t = x - 0.0625;
  var p = 1.81695542;
  p = fma(p, t, 0.380812427);
  p = fma(p, t, 0.0967830477);
  p = fma(p, t, 0.0455128083);
  p = fma(p, t, 0.0348715118);
  p = fma(p, t, 0.0537688936);
  p = fma(p, t, 0.402176509);
  return p;
}
fn i1Near(x: f32) -> f32 {
  var p = 6.66779244e-15;
  p = fma(p, x, 2.44807378e-13);
  p = fma(p, x, 3.72121036e-11);
  p = fma(p, x, 2.41880519e-09);
  p = fma(p, x, 1.38149987e-07);
  p = fma(p, x, 5.78501378e-06);
  p = fma(p, x, 0.000173618107);
  p = fma(p, x, 0.00347220815);
  p = fma(p, x, 0.0416666812);
  p = fma(p, x, 0.249999994);
  p = fma(p, x, 0.5);
  return p;
}
fn i1Far(x: f32) -> f32 {
  let t = x - 0.0625;
  var p = -2.04891725;
  p = fma(p, t, -0.442032914);
  p = fma(p, t, -0.119715562);
  p = fma(p, t, -0.0614536113);
  p = fma(p, t, -0.0561245874);
  p = fma(p, t, -0.155993304);
  p = fma(p, t, 0.389398459);
  return p;
}
fn k0Near(x: f32) -> f32 {
  var p = 1.21824527e-07;
  p = fma(p, x, 1.01983346e-05);
  p = fma(p, x, 0.000545208399);
  p = fma(p, x, 0.0144184955);
  p = fma(p, x, 0.105696086);
  p = fma(p, x, -0.577215665);
  return p;
}
fn k0Middle(x: f32) -> f32 {
  let t = x - 0.4;
  var p = -0.0108114467;
  p = fma(p, t, 0.0106353084);
  p = fma(p, t, -0.0102237264);
  p = fma(p, t, 0.0130945634);
  p = fma(p, t, -0.0196581361);
  p = fma(p, t, 0.0374686849);
  p = fma(p, t, -0.111509848);
  p = fma(p, t, 1.20095193);
  return p;
}
fn k0Far(x: f32) -> f32 {
  let t = x - 0.0625;
  var p = 0.0819577817;
  p = fma(p, t, -0.0657585371);
  p = fma(p, t, 0.0736408589);
  p = fma(p, t, -0.146604991);
  p = fma(p, t, 1.24384635);
  return p;
}
fn k1Near(x: f32) -> f32 {
  var p = -1.05654144e-08;
  p = fma(p, x, -1.08806025e-06);
  p = fma(p, x, -7.49317902e-05);
  p = fma(p, x, -0.00283711126);
  p = fma(p, x, -0.0420490211);
  p = fma(p, x, 0.0386078325);
  return p;
}
fn k1Middle(x: f32) -> f32 {
  let t = x - 0.4;
  var p = 0.0137688693;
  p = fma(p, t, -0.0139351377);
  p = fma(p, t, 0.0140512944);
  p = fma(p, t, -0.0190421886);
  p = fma(p, t, 0.0313390896);
  p = fma(p, t, -0.0717916378);
  p = fma(p, t, 0.389445855);
  p = fma(p, t, 1.42330074);
  return p;
}
fn k1Far(x: f32) -> f32 {
  let t = x - 0.0625;
  var p = 0.162783513;
  p = fma(p, t, -0.108470519);
  p = fma(p, t, 0.0937731514);
  p = fma(p, t, -0.126315266);
  p = fma(p, t, 0.452985772);
  p = fma(p, t, 1.28214387);
  return p;
}
fn j0First(x: f32) -> f32 {
  let t = x - 8.0;
  var p = -1.88399966e-12;
  p = fma(p, t, 3.57043542e-10);
  p = fma(p, t, -4.89753944e-08);
  p = fma(p, t, 4.58918225e-06);
  p = fma(p, t, -0.000266095423);
  p = fma(p, t, 0.00808251057);
  p = fma(p, t, -0.0886624191);
  return p;
}
fn j0Second(x: f32) -> f32 {
  let t = x - 40.0;
  var p = 2.88723878e-20;
  p = fma(p, t, -1.04895184e-17);
  p = fma(p, t, 2.97443742e-15);
  p = fma(p, t, -6.47794499e-13);
  p = fma(p, t, 1.01830615e-10);
  p = fma(p, t, -1.0581979e-08);
  p = fma(p, t, 6.0284211e-07);
  p = fma(p, t, -7.11563129e-06);
  p = fma(p, t, -0.000846687791);
  p = fma(p, t, 0.0240161737);
  return p;
}
fn j1First(x: f32) -> f32 {
  let t = x - 15.0;
  var p = 3.60774776e-16;
  p = fma(p, t, -9.86461099e-14);
  p = fma(p, t, 2.08082529e-11);
  p = fma(p, t, -3.25009397e-09);
  p = fma(p, t, 3.52856884e-07);
  p = fma(p, t, -2.43658325e-05);
  p = fma(p, t, 0.000918609728);
  p = fma(p, t, -0.0134215011);
  return p;
}
fn j1Second(x: f32) -> f32 {
  let t = x - 46.0;
  var p = -4.76150441e-19;
  p = fma(p, t, 1.53312429e-16);
  p = fma(p, t, -3.74657624e-14);
  p = fma(p, t, 6.79375404e-12);
  p = fma(p, t, -8.46462969e-10);
  p = fma(p, t, 6.3307121e-08);
  p = fma(p, t, -1.88330952e-06);
  p = fma(p, t, -5.16797938e-05);
  p = fma(p, t, 0.00323262845);
  return p;
}
fn y0First(x: f32) -> f32 {
  var p = -7.39289889e-10;
  p = fma(p, x, 1.07479139e-07);
  p = fma(p, x, -9.89391339e-06);
  p = fma(p, x, 0.000561792258);
  p = fma(p, x, -0.0167446722);
  p = fma(p, x, 0.182144295);
  return p;
}
fn y0Second(x: f32) -> f32 {
  let t = x - 3.8;
  var p = -8.9346241e-09;
  p = fma(p, t, 4.03348758e-08);
  p = fma(p, t, -4.66939629e-08);
  p = fma(p, t, -2.81731917e-07);
  p = fma(p, t, -4.56736872e-06);
  p = fma(p, t, 5.61892876e-05);
  p = fma(p, t, 0.000144609261);
  p = fma(p, t, -0.00231785437);
  p = fma(p, t, -0.00543094161);
  p = fma(p, t, 0.0614324366);
  p = fma(p, t, 0.0319237199);
  p = fma(p, t, -0.409081008);
  return p;
}
fn y0Third(x: f32) -> f32 {
  let t = x - 6.7;
  var p = 6.28881894e-07;
  p = fma(p, t, 7.51541882e-07);
  p = fma(p, t, -5.06998472e-05);
  p = fma(p, t, -2.75861964e-05);
  p = fma(p, t, 0.00234012937);
  p = fma(p, t, -0.000196695284);
  p = fma(p, t, -0.0498562775);
  p = fma(p, t, 0.0168739295);
  p = fma(p, t, 0.30097351);
  return p;
}
fn y1First(x: f32) -> f32 {
  var p = 8.55646229e-09;
  p = fma(p, x, -9.9172571e-07);
  p = fma(p, x, 7.16415795e-05);
  p = fma(p, x, -0.00295530475);
  p = fma(p, x, 0.054348688);
  p = fma(p, x, -0.196057091);
  return p;
}
fn y1Second(x: f32) -> f32 {
  let t = x - 2.75;
  var p = 1.1475774e-06;
  p = fma(p, t, -3.14614066e-06);
  p = fma(p, t, 2.79078521e-06);
  p = fma(p, t, -7.67338605e-06);
  p = fma(p, t, 3.24603469e-05);
  p = fma(p, t, -8.20574832e-05);
  p = fma(p, t, 0.000195760466);
  p = fma(p, t, -0.000927111487);
  p = fma(p, t, 0.00317774853);
  p = fma(p, t, 0.00611604593);
  p = fma(p, t, -0.030503702);
  p = fma(p, t, -0.155188124);
  p = fma(p, t, 0.444994378);
  return p;
}
fn y1Third(x: f32) -> f32 {
  let t = x - 6.0;
  var p = -4.22706436e-10;
  p = fma(p, t, 3.02574348e-09);
  p = fma(p, t, 5.04019799e-08);
  p = fma(p, t, -3.45283079e-07);
  p = fma(p, t, -4.94731419e-06);
  p = fma(p, t, 3.05593921e-05);
  p = fma(p, t, 0.000280779171);
  p = fma(p, t, -0.00154363415);
  p = fma(p, t, -0.00846445123);
  p = fma(p, t, 0.0399446164);
  p = fma(p, t, 0.0838788252);
  p = fma(p, t, -0.306863978);
  return p;
}
fn p0(x: f32) -> f32 {
  var p = -0.433081218;
  p = fma(p, x, 0.110917827);
  p = fma(p, x, -0.0703087886);
  p = fma(p, x, 0.999999998);
  return p;
}
fn q0(x: f32) -> f32 {
  var p = -12.4379649;
  p = fma(p, x, 1.59477742);
  p = fma(p, x, -0.226430142);
  p = fma(p, x, 0.0732409158);
  p = fma(p, x, -0.125);
  return p;
}
fn p1(x: f32) -> f32 {
  var p = 0.517477881;
  p = fma(p, x, -0.142783533);
  p = fma(p, x, 0.11718325);
  p = fma(p, x, 1.0);
  return p;
}
fn q1(x: f32) -> f32 {
  var p = 14.0772555;
  p = fma(p, x, -1.84647945);
  p = fma(p, x, 0.276825716);
  p = fma(p, x, -0.102537653);
  p = fma(p, x, 0.375);
  return p;
}
fn ndtriCentre(x: f32) -> f32 {
  let t = x - 1.85;
  var p = -9.63745099e-09;
  p = fma(p, t, 7.90884136e-08);
  p = fma(p, t, 2.16553571e-07);
  p = fma(p, t, -5.13900105e-06);
  p = fma(p, t, 1.21131531e-05);
  p = fma(p, t, 0.000208545644);
  p = fma(p, t, -0.00181967455);
  p = fma(p, t, -0.00117780741);
  p = fma(p, t, 0.250241398);
  p = fma(p, t, 1.33971154);
  return p;
}
fn lgammaOne(x: f32) -> f32 {
  let t = x - 0.25;
  var p = -0.0197007916;
  p = fma(p, t, 0.0276918038);
  p = fma(p, t, -0.0368619827);
  p = fma(p, t, 0.0542976325);
  p = fma(p, t, -0.0833936872);
  p = fma(p, t, 0.136772415);
  p = fma(p, t, -0.255482682);
  p = fma(p, t, 0.662535242);
  p = fma(p, t, -0.393087346);
  return p;
}
fn ndtriMiddle(x: f32) -> f32 {
  let t = x - 4.0;
  var p = 2.17786402e-09;
  p = fma(p, t, 4.21576901e-09);
  p = fma(p, t, -6.45674436e-08);
  p = fma(p, t, -4.96867879e-09);
  p = fma(p, t, 6.50485276e-07);
  p = fma(p, t, -8.08703448e-07);
  p = fma(p, t, -1.61714005e-06);
  p = fma(p, t, 4.5599715e-06);
  p = fma(p, t, -6.80433657e-06);
  p = fma(p, t, 1.62092224e-05);
  p = fma(p, t, -3.46257304e-05);
  p = fma(p, t, 5.78189646e-05);
  p = fma(p, t, -0.000116754382);
  p = fma(p, t, 0.000320033113);
  p = fma(p, t, -0.000869257248);
  p = fma(p, t, 0.00125999872);
  p = fma(p, t, 1.00949327);
  p = fma(p, t, 3.83978379);
  return p;
}
fn ndtriTail(x: f32) -> f32 {
  let t = x - 8.0;
  var p = -1.90037868e-08;
  p = fma(p, t, 1.21715289e-07);
  p = fma(p, t, -5.00805816e-07);
  p = fma(p, t, 1.19083182e-06);
  p = fma(p, t, 1.90923863e-05);
  p = fma(p, t, -0.000469823996);
  p = fma(p, t, 1.00760686);
  p = fma(p, t, 7.8771136);
  return p;
}
fn temme0(x: f32) -> f32 {
  var p = -4.38203602e-09;
  p = fma(p, x, 1.02618098e-08);
  p = fma(p, x, 6.70785354e-09);
  p = fma(p, x, -1.76659527e-07);
  p = fma(p, x, 8.29671134e-07);
  p = fma(p, x, -1.85406221e-06);
  p = fma(p, x, -2.18544851e-06);
  p = fma(p, x, 3.91926318e-05);
  p = fma(p, x, -0.000178755144);
  p = fma(p, x, 0.000352733686);
  p = fma(p, x, 0.00115740741);
  p = fma(p, x, -0.0148148148);
  p = fma(p, x, 0.0833333333);
  p = fma(p, x, -0.333333333);
  return p;
}
fn temme1(x: f32) -> f32 {
  var p = 1.37863345e-07;
  p = fma(p, x, 4.6471278e-09);
  p = fma(p, x, -1.61209009e-06);
  p = fma(p, x, 7.64916092e-06);
  p = fma(p, x, -1.80985503e-05);
  p = fma(p, x, -4.01877572e-07);
  p = fma(p, x, 0.000205761317);
  p = fma(p, x, -0.000990226337);
  p = fma(p, x, 0.00264550265);
  p = fma(p, x, -0.00347222222);
  p = fma(p, x, -0.00185185185);
  return p;
}
fn temme2(x: f32) -> f32 {
  var p = 3.42357873e-08;
  p = fma(p, x, -1.27606352e-05);
  p = fma(p, x, 5.29234488e-05);
  p = fma(p, x, -0.000107366532);
  p = fma(p, x, 2.00938786e-06);
  p = fma(p, x, 0.000771604938);
  p = fma(p, x, -0.00268132716);
  p = fma(p, x, 0.00413359788);
  return p;
}
fn temme3(x: f32) -> f32 {
  var p = -7.56180167e-05;
  p = fma(p, x, 0.000267720632);
  p = fma(p, x, -0.000469189494);
  p = fma(p, x, 0.000229472094);
  p = fma(p, x, 0.000649434156);
  return p;
}
`);
