/** What is asked of every country in the Factbook: where its profile has the answer, and the question, `{}` being the country. */

export interface FactbookQuestion {
  /** Section, heading, and where there is one, the line under it. */
  readonly path: readonly string[];
  readonly question: string;
}

const inSection =
  (section: string) =>
  ([path, question]: readonly [path: string, question: string]): FactbookQuestion => ({
    path: [section, ...path.split(" > ")],
    question,
  });

export const factbookQuestions: readonly FactbookQuestion[] = [
  ...([["Background", "What is the background of {}?"]] as const).map(inSection("Introduction")),
  ...(
    [
      ["Location", "Where is {}?"],
      ["Geographic coordinates", "What are the geographic coordinates of {}?"],
      ["Area > total", "What is the total area of {}?"],
      ["Area > land", "What is the land area of {}?"],
      ["Area - comparative", "How large is {} by comparison?"],
      ["Land boundaries > total", "How long are the land boundaries of {}?"],
      ["Land boundaries > border countries", "Which countries border on {}?"],
      ["Coastline", "How long is the coastline of {}?"],
      ["Climate", "What is the climate of {}?"],
      ["Terrain", "What is the terrain of {}?"],
      ["Elevation extremes > lowest point", "What is the lowest point of {}?"],
      ["Elevation extremes > highest point", "What is the highest point of {}?"],
      ["Natural resources", "What are the natural resources of {}?"],
      ["Irrigated land", "How much irrigated land is there in {}?"],
      ["Natural hazards", "What are the natural hazards of {}?"],
      ["Environment - current issues", "What are the environmental issues of {}?"],
      ["Geography - note", "What is notable about the geography of {}?"],
    ] as const
  ).map(inSection("Geography")),
  ...(
    [
      ["Nationality > noun", "What are the people of {} called?"],
      ["Ethnic groups", "Which ethnic groups live in {}?"],
      ["Languages", "Which languages are spoken in {}?"],
      ["Religions", "Which religions are there in {}?"],
      ["Population", "What is the population of {}?"],
      ["Median age > total", "What is the median age in {}?"],
      ["Population growth rate", "What is the population growth rate of {}?"],
      ["Birth rate", "What is the birth rate of {}?"],
      ["Death rate", "What is the death rate of {}?"],
      ["Urbanization > urban population", "How much of the population of {} is urban?"],
      ["Major urban areas - population", "What are the major urban areas of {}?"],
      ["Life expectancy at birth > total population", "What is the life expectancy at birth in {}?"],
      ["Literacy > total population", "What is the literacy rate of {}?"],
    ] as const
  ).map(inSection("People and Society")),
  ...(
    [
      ["Country name > conventional long form", "What is the full name of {}?"],
      ["Country name > local short form", "What is {} called locally?"],
      ["Country name > former", "What was {} formerly called?"],
      ["Government type", "What type of government does {} have?"],
      ["Capital > name", "What is the capital of {}?"],
      ["Administrative divisions", "What are the administrative divisions of {}?"],
      ["Independence", "When did {} become independent?"],
      ["National holiday", "What is the national holiday of {}?"],
      ["Constitution", "What constitution does {} have?"],
      ["Legal system", "What is the legal system of {}?"],
      ["Suffrage", "Who may vote in {}?"],
      ["Legislative branch > description", "What is the legislature of {}?"],
      ["Judicial branch > highest court(s)", "What are the highest courts of {}?"],
      ["Flag description", "What does the flag of {} look like?"],
      ["National symbol(s)", "What are the national symbols of {}?"],
      ["National anthem > name", "What is the national anthem of {}?"],
    ] as const
  ).map(inSection("Government")),
  ...(
    [
      ["Economy - overview", "What is the economy of {} like?"],
      ["GDP (purchasing power parity)", "What is the GDP of {} at purchasing power parity?"],
      ["GDP - real growth rate", "What is the growth rate of the GDP of {}?"],
      ["GDP - per capita (PPP)", "What is the GDP per head of {}?"],
      ["Agriculture - products", "What are the agricultural products of {}?"],
      ["Industries", "What are the industries of {}?"],
      ["Unemployment rate", "What is the unemployment rate of {}?"],
      ["Public debt", "How large is the public debt of {}?"],
      ["Inflation rate (consumer prices)", "What is the inflation rate of {}?"],
      ["Exports - commodities", "What are the exports of {}?"],
      ["Exports - partners", "Where do the exports of {} go?"],
      ["Imports - commodities", "What are the imports of {}?"],
      ["Imports - partners", "Where do the imports of {} come from?"],
    ] as const
  ).map(inSection("Economy")),
  ...(
    [
      ["Telephone system > general assessment", "What is the telephone system of {} like?"],
      ["Broadcast media", "What broadcast media does {} have?"],
      ["Internet country code", "What is the internet country code of {}?"],
    ] as const
  ).map(inSection("Communications")),
  ...(
    [
      ["Railways > total", "How long are the railways of {}?"],
      ["Roadways > total", "How long are the roads of {}?"],
      ["Ports and terminals > major seaport(s)", "What are the major seaports of {}?"],
    ] as const
  ).map(inSection("Transportation")),
  ...([["Military branches", "What are the military branches of {}?"]] as const).map(inSection("Military")),
  ...([["Disputes - international", "What international disputes does {} have?"]] as const).map(
    inSection("Transnational Issues"),
  ),
];
