// An object of its own, fetched again by its id.
import { graphql } from "react-relay";

export const card = graphql`
  fragment OrganizationCard_organization on Organization @refetchable(queryName: "OrganizationCardRefetchQuery") {
    id
    name
    version
  }
`;
