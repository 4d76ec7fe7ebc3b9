/** What each sound is made of: plucks, bells and a snip of noise. Each says how many seconds it lasts. */

export type Voice = (context: BaseAudioContext, out: AudioNode) => number;

const LOUDNESS = 0.16;
/** A quiet pentatonic scale, so that whatever sounds together sounds well. */
const SCALE = [523.25, 587.33, 659.25, 783.99, 880, 1046.5, 1174.66, 1318.51] as const;

interface Tone {
  hertz: number;
  /** Seconds from now. */
  at: number;
  seconds: number;
  loud?: number;
  shape?: OscillatorType;
  /** Where the pitch goes; it stays when left out. */
  to?: number;
}

/** A note that is struck and fades. */
function strike(context: BaseAudioContext, out: AudioNode, tone: Tone): void {
  const { hertz, at, seconds, loud = 1, shape = "triangle", to = hertz } = tone;
  const begin = context.currentTime + at;
  const source = context.createOscillator();
  const gain = context.createGain();
  source.type = shape;
  source.frequency.setValueAtTime(hertz, begin);
  source.frequency.exponentialRampToValueAtTime(to, begin + seconds);
  gain.gain.setValueAtTime(0.0001, begin);
  gain.gain.exponentialRampToValueAtTime(LOUDNESS * loud, begin + 0.012);
  gain.gain.exponentialRampToValueAtTime(0.0001, begin + seconds);
  source.connect(gain).connect(out);
  source.start(begin);
  source.stop(begin + seconds);
}

/** A blade's breath: noise through a narrow gate. */
function snip(context: BaseAudioContext, out: AudioNode, at: number, hertz: number, loud: number): void {
  const begin = context.currentTime + at;
  const seconds = 0.055;
  const noise = context.createBuffer(1, Math.ceil(context.sampleRate * seconds), context.sampleRate);
  const samples = noise.getChannelData(0);
  for (let i = 0; i < samples.length; i++) samples[i] = Math.random() * 2 - 1;
  const source = context.createBufferSource();
  const gate = context.createBiquadFilter();
  const gain = context.createGain();
  source.buffer = noise;
  gate.type = "bandpass";
  gate.frequency.value = hertz;
  gate.Q.value = 2.2;
  gain.gain.setValueAtTime(LOUDNESS * loud, begin);
  gain.gain.exponentialRampToValueAtTime(0.0001, begin + seconds);
  source.connect(gate).connect(gain).connect(out);
  source.start(begin);
}

function tune(steps: number[], gap: number, seconds: number, shape: OscillatorType, loud = 0.8): Voice {
  return (context, out) => {
    steps.forEach((step, i) => {
      const hertz = SCALE[step] ?? SCALE[0];
      strike(context, out, { hertz, at: i * gap, seconds, shape, loud });
      // A little of the octave above makes it a string and not a test tone.
      strike(context, out, {
        hertz: hertz * 2,
        at: i * gap,
        seconds: seconds * 0.5,
        shape,
        loud: loud * 0.25,
      });
    });
    return (steps.length - 1) * gap + seconds;
  };
}

export const VOICES = {
  shear: (context, out) => {
    const pitch = 2_900 + Math.random() * 700;
    snip(context, out, 0, pitch, 0.55);
    snip(context, out, 0.045, pitch * 1.35, 0.4);
    return 0.1;
  },
  buy: (context, out) => {
    strike(context, out, { hertz: 392, to: 294, at: 0, seconds: 0.13, loud: 0.9 });
    strike(context, out, { hertz: 784, at: 0.03, seconds: 0.2, loud: 0.4, shape: "sine" });
    return 0.23;
  },
  upgrade: tune([0, 2, 4], 0.075, 0.32, "triangle"),
  wish: tune([4, 5, 7], 0.11, 0.9, "sine"),
  ribbon: tune([0, 3, 5, 7], 0.1, 0.55, "triangle"),
  prestige: tune([0, 1, 2, 3, 4, 5, 6, 7], 0.11, 1.3, "sine"),
  refuse: (context, out) => {
    strike(context, out, { hertz: 165, to: 123, at: 0, seconds: 0.2, loud: 0.8, shape: "sine" });
    return 0.2;
  },
} satisfies Record<string, Voice>;
